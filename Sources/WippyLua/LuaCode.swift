import WippyDefinition
import WippyLog
import WippyRuntime
import WippyText

/// What the Lua kinds have in common: their code, and what it may use.
struct LuaCode: Sendable, Equatable {
    /// The text of the script.
    let source: LuaSource

    /// The runtime's own Lua modules that the script may require.
    let modules: [ExactText]

    /// Other names that the script may require: libraries of the project by alias.
    let imports: [ExactText: EntryID]

    init(from fields: inout FieldReader) {
        source = fields.required("source", "The code, or file:// and the path of a file that holds it.")
        modules = fields.optional("modules", default: [], "The runtime's Lua modules that the code may require.")
        imports = Self.imports(from: &fields)
    }

    /// A value without a namespace names a module of the runtime and is no reference.
    private static func imports(from fields: inout FieldReader) -> [ExactText: EntryID] {
        fields.custom(
            "imports", expectation: "a map of names to ids of Lua libraries", default: [:],
            "Libraries of the project that the code may require, by the name that it uses."
        ) { node, fields throws(FieldProblem) in
            guard case .mapping(let pairs) = node.structured.content else { throw .expected("a map", got: node) }
            var imports: [ExactText: EntryID] = [:]
            for pair in pairs where pair.value.scalar?.text.unicodeScalars.contains(":") == true {
                imports[pair.key] = try fields.noteReference(
                    pair.value, field: "imports.\(pair.key)", contract: Contract.luaLibrary.erased, meaning: .calls)
            }
            return imports
        }
    }
}

/// The text of a script, which is not empty.
struct LuaSource: CheckedText {
    let text: ExactText

    static func check(_ text: String, of node: Node) throws(FieldProblem) {
        if text.isEmpty { throw FieldProblem("cannot be empty") }
    }
}

/// Lua code that other Lua code requires.
struct LuaLibrary: Sendable {
    let source: String
}

extension Contract where Offered == LuaLibrary {
    static var luaLibrary: Self { Contract("a Lua library", meaning: .calls) }
}

/// The code of a Lua entry, or the Swift handler that takes its place.
struct LuaOrSwift: Sendable, Equatable {
    let code: LuaCode

    /// The handler that is registered under the entry's id, if one is.
    let replacement: HandlerUse?

    init(from fields: inout FieldReader, handlers: HandlerTable, family: HandlerShape.Family) {
        code = LuaCode(from: &fields)
        let uses = fields.namedReferences("uses", "Short names for the entries that the code uses.")
        let handler = fields.entry.flatMap { handlers[$0] }
        replacement = fields.entry.flatMap { id in
            handler.flatMap { type in
                type.shape.family == family ? HandlerUse(replacing: id, with: type, uses: uses) : nil
            }
        }
        if let handler, replacement == nil {
            fields.reject("source", "is replaced by \(handler), \(handler.shape.words), which cannot stand here")
        } else if let handler, handler.hasConfig {
            fields.reject(
                "source",
                "is replaced by \(handler), whose Config needs a field 'config', which this entry has not; make it "
                    + "NoConfig, or name the handler in an entry that has the field")
        } else if replacement == nil, code.source != .placeholder {
            fields.reject("source", Self.notRun)
        }
    }

    /// What the entry offers; nothing without a handler, which has been reported.
    var offers: [Offer<HandlerInstance>] { replacement?.offers ?? [] }

    /// Makes the handler, or says that there is none.
    func instance(with context: BuildContext) throws -> HandlerInstance {
        guard let replacement else { throw BuildError(context.id, "'source' \(Self.notRun)") }
        context.log.info("a Swift handler takes the place of the Lua code")
        return try replacement.instance(with: context)
    }

    /// What is said of the source of Lua code that no Swift handler replaces.
    private static let notRun =
        "is Lua, which this version does not run; register a Swift handler under the entry's full id"
}
