import LuaSyntax
import WippyDefinition
import WippyLog
import WippyRuntime
import WippySecurity
import WippyText

/// The code of a Lua entry that other entries can run, or the Swift handler that takes its place.
struct LuaOrSwift: Sendable, Equatable {
    let code: LuaCode

    /// The limits of the script's states and calls.
    let limits: LuaLimits

    /// The name of the function in the script's table; nil if the entry does not set it.
    let method: String?

    /// The security context in which the code runs.
    let security: SecurityContext

    /// The handler that is registered under the entry's id; nil if no handler is.
    let replacement: HandlerUse?

    /// The name of a handler that can replace the script: the entry's full id.
    let handlerName: ExactText

    init(from fields: inout FieldReader, in program: Program, purpose: HandlerShape.Purpose) {
        let handler = fields.entry.flatMap { program.handlers[$0] }
        handlerName = ExactText(fields.entry?.description ?? "")
        code = LuaCode(from: &fields, in: program, isReplaced: handler != nil)
        limits = fields.nested(LuaLimits.block) { LuaLimits(from: &$0) }
        method = fields.optional(
            Self.methodField, as: String.self,
            defaultsTo: "the function that the script returns, else \(Self.usualMethod)",
            "The function to call, by its name in the table that the script returns.")
        if !code.returns.isEmpty, code.returns.allSatisfy({ $0.value == .function }) {
            fields.warnIfWritten(Self.methodField, because: "the script returns a function")
        }
        security = SecurityContext(from: &fields)
        let uses = fields.namedReferences(
            HandlerUse.usesField,
            "Short names for entries, for a Swift handler that replaces the script. The script itself names entries "
                + "by their full ids.")
        replacement = fields.entry.flatMap { id in
            handler.flatMap { type in
                type.shape.purpose == purpose ? HandlerUse(replacing: id, with: type, uses: uses) : nil
            }
        }
        if let handler, replacement == nil {
            fields.reject(
                LuaCode.sourceField, "is replaced by \(handler), \(handler.shape.words), which cannot be used here")
        } else if let handler, handler.hasConfig {
            fields.reject(
                LuaCode.sourceField,
                "is replaced by \(handler), but this entry has no field '\(HandlerUse.configField)' for the handler's "
                    + "Config; make the Config NoConfig, or name the handler in an entry that has the field")
        }
    }

    /// Finds out whether the script of an entry can return the function to call.
    ///
    /// If it cannot, this is an error if another entry calls the function. Otherwise it is a warning, because other
    /// code can require the script.
    static func checkReturn(of entry: Entry<LuaOrSwift>, in plan: CheckContext) -> [Diagnostic] {
        let code = entry.config.code
        guard entry.config.replacement == nil, code.program != nil, let lack = entry.config.lackOfFunction else {
            return []
        }
        var (field, place, sentence) = (LuaCode.sourceField, entry.location(of: LuaCode.sourceField), lack.sentence)
        if lack.nearest != nil {
            (field, place) = (methodField, entry.location(of: methodField))
        } else if let location = lack.location {
            let (inFile, line) = code.source.place(line: location.line, column: location.column)
            (place, sentence) = (inFile, sentence + line)
        }
        let isOnlyRequired = plan.contracts(neededOf: entry.id).allSatisfy { $0 == Contract.luaLibrary.erased }
        let severity: Diagnostic.Severity = isOnlyRequired ? .warning : .error
        let problem = Diagnostic(severity, at: place, entry: entry.id, "'\(field)' \(sentence)")
        return [problem.suggesting(lack.nearest)]
    }

    /// The reason why no `return` of the script gives the function to call; nil if one may give it.
    ///
    /// If the entry misspells the name of a function, `nearest` is the right one.
    private var lackOfFunction: (sentence: String, location: LuaLocation?, nearest: String?)? {
        guard let last = code.returns.last else {
            let remedy = "end it with 'return' and a function, or a table with functions"
            return ("returns no value, so there is no function to call; \(remedy)", nil, nil)
        }
        let name = method ?? Self.usualMethod
        var keys: [String] = []
        for value in code.returns.map(\.value) {
            switch value {
            case .function, .unknown: return nil
            case .constant: continue
            case .table(keys: let found): keys += found
            }
        }
        if keys.contains(where: { ExactText.areEqual($0, name) }) { return nil }
        let problem = StateSource.lack(of: name)
        if method != nil, let nearest = Spelling.nearest(to: name, among: keys) {
            return ("is wrong: the script \(problem)", last.location, nearest)
        }
        let help =
            method == nil
            ? keys.first.map { "; '\(Self.methodField)' can name another function, such as '\($0)'" } : nil
        return (problem + (help ?? ""), last.location, nil)
    }

    /// The field with the name of the function.
    private static let methodField = "method"

    /// The name of the function if the entry does not set it.
    private static let usualMethod = "main"

    /// The contracts that the entry offers: those of a script, or those of the handler that takes its place.
    func offers<Runnable: Sendable>(_ own: [Offer<Runnable>]) -> [Offer<LuaEntry<Runnable>>] {
        let runnable: [Offer<LuaEntry<Runnable>>] =
            replacement.map { $0.offers.map { $0.from(\.handler) } } ?? own.map { $0.from(\.runnable) }
        return runnable + [Offer<LuaLibrary>(.luaLibrary) { $0 }.from(\.library)]
    }

    /// Makes the entry's component.
    func entry<Runnable: Sendable>(
        with context: BuildContext, _ make: (StateSource) throws -> Runnable
    ) throws -> LuaEntry<Runnable> {
        let library = try LuaLibrary(code, with: context)
        if let replacement {
            context.log.info("a Swift handler replaces the Lua code")
            return LuaEntry(library: library, runnable: nil, handler: try replacement.instance(with: context))
        }
        let source = StateSource(
            library: library, method: method ?? Self.usualMethod, limits: limits.states,
            context: EntryContext(context.id, maxResultBytes: limits.result.bytes, in: context.environment))
        return LuaEntry(library: library, runnable: try make(source), handler: nil)
    }
}

/// The component of a Lua entry: a function or process, and code that other code may require.
struct LuaEntry<Runnable: Sendable>: Sendable {
    let library: LuaLibrary

    /// The function or process; nil if a Swift handler takes the script's place.
    let runnable: Runnable?

    /// The Swift handler that takes the script's place; nil if the script runs.
    let handler: HandlerInstance?
}
