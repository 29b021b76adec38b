import LuaEngine
import LuaSyntax
import WippyDefinition
import WippyRuntime
import WippyText

/// The fields that all Lua kinds have: the code, and the modules it may require.
struct LuaCode: Sendable, Equatable {
    /// The field with the text of the script.
    static let sourceField = "source"

    private static let modulesField = "modules"
    private static let importsField = "imports"

    /// The text of the script.
    let source: LuaSource

    /// The compiled script; nil when it has errors, which have been reported.
    let program: LuaProgram?

    /// The returns of the script, outside of its functions.
    let returns: [LuaReturn]

    /// True if the script uses the name of a function or method that sends a part of an answer before the script has
    /// ended.
    let sendsParts: Bool

    /// The modules that the script may require: the modules that its entry lists, and those that every script has.
    let modules: [ScriptModule]

    /// The libraries of the project that the script may require, sorted by alias.
    let imports: [LuaImport]

    /// - Parameters:
    ///   - isLibrary: true if the script only runs when other scripts require it.
    ///   - isReplaced: true if a Swift handler takes the script's place, so that the script never runs.
    init(from fields: inout FieldReader, in program: Program, isLibrary: Bool = false, isReplaced: Bool = false) {
        let known = program.shared(ScriptModules.init)
        source = fields.required(
            Self.sourceField, "The code itself, or file:// and the path of the file with the code.")
        modules = Self.modules(from: &fields, among: known) + known.always
        imports = Self.imports(from: &fields, among: known)
        guard source.isRead else {
            (self.program, returns, sendsParts) = (nil, [], false)
            return
        }
        let script = LuaScript(Array(source.text.string.utf8))
        self.program = Self.compile(script, of: source, in: &fields)
        returns = script.returns
        sendsParts = !script.members.isDisjoint(with: known.sendingNames)
        if !isReplaced { noteNames(in: script, isLibrary: isLibrary, among: known, &fields) }
    }

    private static func modules(
        from fields: inout FieldReader, among known: ScriptModules
    ) -> [ScriptModule] {
        fields.custom(
            Self.modulesField, form: .either([.list(of: .text)], words: "a list of names of modules"), default: [],
            written: "[]",
            "The modules that the code may require: modules of the runtime, or of your program."
        ) { node, fields throws(FieldProblem) in
            guard case .sequence(let nodes) = node.listed.content else { throw .expected("a list", got: node) }
            var modules: [ScriptModule] = []
            for (index, node) in nodes.enumerated() {
                do throws(FieldProblem) {
                    guard let scalar = node.scalar, scalar.isText else {
                        throw .expected(.either([.text], words: "the name of a module"), got: node)
                    }
                    if let module = try known.listed(scalar.text), module.isListed { modules.append(module) }
                } catch {
                    fields.reject(
                        "\(Self.modulesField)[\(index)]",
                        FieldProblem(error.message, at: node.location, suggestion: error.suggestion))
                }
            }
            return modules
        }
    }

    /// A value without a namespace names a module of the runtime and is not a reference.
    ///
    /// Each other value that is not an id is reported.
    private static func imports(from fields: inout FieldReader, among known: ScriptModules) -> [LuaImport] {
        fields.custom(
            Self.importsField, form: .either([.map(of: .text)], words: "a map of names to ids of Lua libraries"),
            default: [],
            "The libraries of the project that the code may require. Each key is the name that the code uses."
        ) { node, fields throws(FieldProblem) in
            guard case .mapping(let pairs) = node.structured.content else { throw .expected("a map", got: node) }
            var imports: [LuaImport] = []
            for pair in pairs {
                do throws(FieldProblem) {
                    if let scalar = pair.value.scalar, scalar.isText, !scalar.text.unicodeScalars.contains(":") {
                        try known.check(import: scalar.text)
                        continue
                    }
                    let library = try fields.noteBase(
                        pair.value, field: "\(Self.importsField).\(pair.key)", contract: .luaLibrary)
                    imports.append(LuaImport(alias: pair.key, library: library))
                } catch {
                    let place = error.location ?? pair.value.location
                    fields.reject(
                        "\(Self.importsField).\(pair.key)",
                        FieldProblem(error.message, at: place, suggestion: error.suggestion))
                }
            }
            return imports.sorted { $0.alias < $1.alias }
        }
    }

    /// Compiles the script, and reports its errors at their places in the Lua file.
    private static func compile(
        _ script: LuaScript, of source: LuaSource, in fields: inout FieldReader
    ) -> LuaProgram? {
        for diagnostic in script.diagnostics {
            let (place, line) = source.place(line: diagnostic.location.line, column: diagnostic.location.column)
            fields.reject(sourceField, "is not Lua: \(diagnostic.message)\(line)", at: place)
        }
        guard let text = script.text else { return nil }
        do {
            return try LuaProgram(text, name: source.file ?? fields.entry?.description ?? "?")
        } catch {
            let (place, line) = source.place(line: error.line, column: error.column ?? 1)
            fields.reject(sourceField, "is not Lua: \(error.message)\(line)", at: place)
            return nil
        }
    }

    /// Notes the entries that the script names.
    ///
    /// Warns of modules that the script requires but does not list, and of functions that do not exist.
    private func noteNames(
        in script: LuaScript, isLibrary: Bool, among known: ScriptModules, _ fields: inout FieldReader
    ) {
        for call in script.literalCalls {
            let (place, line) = source.place(line: call.location.line, column: call.location.column)
            if call.isOfRequire {
                if let problem = problem(requiring: call.argument, among: known) {
                    warn(problem, at: call.location, &fields)
                }
            } else {
                if let problem = known.note(call, at: place, &fields) {
                    fields.warn(Self.sourceField, problem + line, at: place)
                }
            }
        }
        var unlisted: Set<ExactText> = []
        for call in script.calls {
            let name = call.module
            if imports.contains(where: { $0.alias == name }) { continue }
            var problem = known.problem(with: call)
            // Libraries also find the modules of the script that requires them, and the other way round.
            if !isLibrary, imports.isEmpty, known[name] != nil, !modules.contains(where: { $0.name == name }),
                !script.requiredModules.contains(where: { ExactText($0.argument) == name })
            {
                problem =
                    unlisted.insert(name).inserted
                    ? FieldProblem("uses '\(name)', which '\(Self.modulesField)' does not list") : nil
            }
            if let problem { warn(problem, at: call.location, &fields) }
        }
    }

    /// Warns of a problem in the script.
    private func warn(_ problem: FieldProblem, at location: LuaLocation, _ fields: inout FieldReader) {
        let (place, line) = source.place(line: location.line, column: location.column)
        fields.warn(Self.sourceField, FieldProblem(problem.message + line, at: place, suggestion: problem.suggestion))
    }

    /// Returns the probable error in a name that the script requires; nil if the name is known.
    private func problem(requiring name: String, among known: ScriptModules) -> FieldProblem? {
        let key = ExactText(name)
        guard !modules.contains(where: { $0.name == key }), !imports.contains(where: { $0.alias == key }),
            !ScriptModules.isOfEngine(key)
        else { return nil }
        if known[key] != nil { return FieldProblem("requires '\(name)', which '\(Self.modulesField)' does not list") }
        let names = modules.map(\.name.string) + imports.map(\.alias.string)
        return FieldProblem("requires '\(name)', which neither '\(Self.modulesField)' nor '\(Self.importsField)' lists")
            .suggesting(Spelling.nearest(to: name, among: names))
    }

    /// True if both have the same text, modules and imports.
    ///
    /// The rest follows from the text.
    static func == (left: LuaCode, right: LuaCode) -> Bool {
        left.source == right.source && left.modules.map(\.name) == right.modules.map(\.name)
            && left.imports == right.imports
    }
}

/// A library that a script may require.
struct LuaImport: Sendable, Equatable {
    /// The name by which the script requires it.
    let alias: ExactText

    let library: Base<LuaLibrary>
}

/// The text of a script, and the place of the text.
///
/// The text is not empty.
struct LuaSource: FieldValue {
    static let form = FieldForm.pattern("[\\s\\S]", words: FieldForm.text.words)
    static let substitute = LuaSource(text: "", file: nil, location: Location(source: ""))

    let text: ExactText

    /// The path of the text's file; nil for a text in the definition file.
    let file: String?

    private let location: Location

    private init(text: ExactText, file: String?, location: Location) {
        (self.text, self.file, self.location) = (text, file, location)
    }

    init(reading node: Node) throws(FieldProblem) {
        guard let scalar = node.scalar, scalar.isText else { throw .expected(Self.form, got: node) }
        guard !scalar.text.isEmpty else { throw FieldProblem("cannot be empty") }
        var file: String?
        if case .file(let path) = node.origin { file = path }
        self.init(text: ExactText(scalar.text), file: file, location: node.location)
    }

    var written: String { text.written }

    /// True if the text could be read and is not the name of a missing file.
    var isRead: Bool { self != .substitute && !text.string.hasExactPrefix("file://") }

    /// Returns the place of a line and column of the script.
    ///
    /// For a script in a file, this is a place in that file, and `line` is empty. For a script in the definition file,
    /// it is the entry's place, and `line` names the line, as the end of a sentence.
    func place(line: Int, column: Int) -> (location: Location, line: String) {
        file.map { (Location(file: $0, line: line, column: column), "") } ?? (location, " (line \(line))")
    }

    static func == (left: LuaSource, right: LuaSource) -> Bool {
        left.text == right.text && ExactText(left.file ?? "") == ExactText(right.file ?? "")
    }
}

/// The limits of a Lua entry's states and calls.
struct LuaLimits: EntryConfig {
    /// The limits that the engine keeps.
    let states: LuaEnvironment.Limits

    /// The largest content of an answer.
    let result: ByteCount

    /// The path of the map with the fields.
    static let block = "limits"

    private static let memory = "memory"
    private static let run = "run"

    /// The path of the field with the largest memory of a state.
    static let memoryField = "\(block).\(memory)"

    /// The path of the field with the longest processor time of a call.
    static let runField = "\(block).\(run)"

    init(from fields: inout FieldReader) {
        var states = LuaEnvironment.Limits()
        let memory = fields.optional(
            Self.memory, default: ByteCount(states.memory),
            in: ByteCount(LuaEnvironment.Limits.leastMemory)...ByteCount(.max),
            "The largest amount of memory that one state (an instance of Lua) may hold, without its garbage.")
        states.memory = memory.bytes
        states.run = fields.optional(
            Self.run, default: states.run, in: .milliseconds(1)...Duration.all.upperBound,
            "The longest processor time of a call between two waits.")
        self.states = states
        result = fields.optional(
            "result", default: .mebibytes(10), in: .kibibytes(1)...ByteCount(.max),
            "The largest content of an answer to an HTTP request that the code writes. If the answer is sent in "
                + "pieces, the limit is for each piece.")
    }
}
