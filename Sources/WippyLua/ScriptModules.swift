import LuaEngine
import LuaSyntax
import WippyDefinition
import WippyRuntime
import WippyText

extension ScriptModule {
    /// The modules of wippy-swift.
    static let standard: [ScriptModule] = [
        .base64,
        .ctx,
        .env,
        .funcs,
        .hash,
        .http,
        .httpClient,
        .io,
        .json,
        .logger,
        .os,
        .payload,
        .process,
        .queue,
        .registry,
        .sql,
        .store,
        .stream,
        .text,
        .time,
        .uuid,
    ]
}

/// The modules that a program's scripts can require.
struct ScriptModules {
    /// The modules that every script has, even if its entry does not list them.
    let always: [ScriptModule]

    private let byName: [ExactText: ScriptModule]

    init(of program: Program) {
        let all = program.scriptModules
        byName = Dictionary(all.map { ($0.name, $0) }) { first, _ in first }
        always = all.filter { !$0.isListed }
    }

    /// The libraries that the engine gives every script.
    ///
    /// An entry may list them.
    private static let ofEngine: [ExactText] = ["channel", "coroutine", "errors", "math", "string", "table"]

    /// The modules of wippy that do not exist here.
    private static let absent: [ExactText] = [
        "archive", "cdc", "cloudstorage", "compress", "contract", "crypto", "eval", "events", "excel", "exec", "expr",
        "fs", "html", "hub", "metrics", "pg", "security", "system", "templates", "treesitter",
        "tty", "websocket", "workflow", "yaml",
    ]

    /// Returns the module with a name; nil if the engine has it, or if it does not exist.
    subscript(name: ExactText) -> ScriptModule? { byName[name] }

    /// Returns the module that an entry lists; nil if the engine has it.
    ///
    /// Throws when the module does not exist.
    func listed(_ name: String) throws(FieldProblem) -> ScriptModule? {
        let key = ExactText(name)
        if let module = byName[key] { return module }
        if Self.isOfEngine(key) { return nil }
        if Self.absent.contains(key) {
            throw FieldProblem("names '\(name)', a module of wippy that wippy-swift does not support yet")
        }
        let nearest = Spelling.nearest(to: name, among: (byName.keys + Self.ofEngine).map(\.string))
        throw FieldProblem("names '\(name)', which is not a module\(Spelling.suggestion(nearest))")
    }

    /// Returns true if the engine gives a library to every script.
    static func isOfEngine(_ name: ExactText) -> Bool { ofEngine.contains(name) }

    /// Notes the entry that a call names, if the function takes an id.
    func note(_ call: LuaLiteralCall, at place: Location, _ fields: inout FieldReader) {
        let words = call.function.unicodeScalars.split(separator: ".", maxSplits: 1).map { ExactText(String($0)) }
        guard words.count == 2, call.argument.utf8.contains(UInt8(ascii: ":")),
            let argument = byName[words[0]]?.idArgument(of: words[1]),
            let id = EntryID(call.argument, relativeTo: fields.namespace)
        else { return }
        fields.noteMention(of: id, as: argument.contract, in: call.function, meaning: argument.meaning, at: place)
    }
}

extension Program {
    /// The modules that scripts can require.
    var scriptModules: [ScriptModule] { additions.compactMap { $0 as? ScriptModule } }

    /// The errors in the modules: equal names of modules, and names that scripts use for something else.
    var mistakesInScriptModules: [String] {
        let names = Dictionary(grouping: scriptModules, by: \.name)
        return names.keys.sorted().compactMap { name in
            if ScriptModules.isOfEngine(name) || LuaModule.basicTypes.contains(where: { ExactText($0.name) == name }) {
                return "the Lua module '\(name)' has the name of something that every script has; give it another name"
            }
            let count = names[name]?.count ?? 0
            return count < 2 ? nil : "the Lua module '\(name)' is listed \(count) times; give each a name of its own"
        }
    }
}
