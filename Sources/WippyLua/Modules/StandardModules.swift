import LuaEngine
import WippyDefinition
import WippyText

/// The modules that scripts can have.
enum StandardModules {
    /// Those that every script has, as globals.
    static let always: [LuaModule] = []

    /// Those that a script has whose entry lists them.
    private static let listed: [LuaModule] = [
        .http,
        .logger,
        .queue,
    ]

    /// What the engine gives every script, and may be listed.
    private static let builtIn = [
        "channel", "coroutine", "errors", "math", "os", "payload", "process", "string", "table",
    ]

    /// Those of wippy's that are not here.
    private static let absent = [
        "archive", "cdc", "cloudstorage", "compress", "contract", "crypto", "eval", "events", "excel", "exec", "expr",
        "fs", "html", "http_client", "hub", "metrics", "pg", "security", "stream", "system", "templates", "treesitter",
        "tty", "websocket", "workflow", "yaml",
    ]

    private static let byName = Dictionary(listed.map { (ExactText($0.name), $0) }) { first, _ in first }

    /// The module of a name; nil if scripts have it anyway, or if there is none.
    static func module(_ name: ExactText) -> LuaModule? { byName[name] }

    /// Why a name cannot be listed; nil if it can.
    static func problem(with name: String) -> String? {
        let key = ExactText(name)
        if byName[key] != nil || builtIn.contains(where: { ExactText($0) == key }) { return nil }
        if absent.contains(where: { ExactText($0) == key }) {
            return "names '\(name)': wippy has that module, wippy-swift does not yet"
        }
        let nearest = Spelling.nearest(to: name, among: byName.keys.map(\.string) + builtIn)
        return "names '\(name)', which is no module\(Spelling.suggestion(nearest))"
    }
}

/// The name of one of these modules.
struct LuaModuleName: CheckedText {
    static let expectation = "the name of a module"

    let text: ExactText

    static func check(_ text: String, of node: Node) throws(FieldProblem) {
        if let problem = StandardModules.problem(with: text) { throw FieldProblem(problem) }
    }
}
