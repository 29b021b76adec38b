import LuaEngine
import LuaSyntax
import WippyDefinition
import WippyRuntime
import WippySQL
import WippyStore
import WippyText

/// The modules that scripts can have.
enum StandardModules {
    /// Those that every script has, as globals.
    static let always: [LuaModule] =
        [
            .os,
            .payload,
            .process,
        ] + LuaModule.basicTypes

    /// Those that a script has whose entry lists them.
    private static let listed: [LuaModule] = [
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
        .queue,
        .registry,
        .sql,
        .store,
        .stream,
        .text,
        .time,
        .uuid,
    ]

    /// What the engine gives every script, and may be listed.
    private static let builtIn = [
        "channel", "coroutine", "errors", "math", "os", "payload", "process", "string", "table",
    ]

    /// Those of wippy's that are not here.
    private static let absent = [
        "archive", "cdc", "cloudstorage", "compress", "contract", "crypto", "eval", "events", "excel", "exec", "expr",
        "fs", "html", "hub", "metrics", "pg", "security", "system", "templates", "treesitter",
        "tty", "websocket", "workflow", "yaml",
    ]

    private static let byName = Dictionary(listed.map { (ExactText($0.name), $0) }) { first, _ in first }

    /// The module of a name; nil if scripts have it anyway, or if there is none.
    static func module(_ name: ExactText) -> LuaModule? { byName[name] }

    /// Whether every script has it.
    static func isBuiltIn(_ name: ExactText) -> Bool { builtIn.contains { ExactText($0) == name } }

    /// Notes the entry that a call names, if the function is one that takes an id.
    static func note(_ call: LuaLiteralCall, at place: Location, _ fields: inout FieldReader) {
        guard call.argument.utf8.contains(UInt8(ascii: ":")),
            let id = EntryID(call.argument, relativeTo: fields.namespace)
        else { return }
        switch call.function {
        case "funcs.call", "funcs.async", "funcs.new():call", "funcs.new():async":
            fields.noteMention(of: id, as: .function, in: call.function, at: place)
        case "queue.publish": fields.noteMention(of: id, as: .queue, in: call.function, at: place)
        case "queue.info": fields.noteMention(of: id, as: .queue, in: call.function, meaning: .startsAfter, at: place)
        case "sql.get": fields.noteMention(of: id, as: .database, in: call.function, at: place)
        case "store.get": fields.noteMention(of: id, as: .store, in: call.function, at: place)
        default: return
        }
    }

    /// Why a name cannot be listed; nil if it can.
    static func problem(with name: String) -> String? {
        let key = ExactText(name)
        if byName[key] != nil || isBuiltIn(key) { return nil }
        if absent.contains(where: { ExactText($0) == key }) {
            return "names '\(name)': wippy has that module, wippy-swift does not yet"
        }
        let nearest = Spelling.nearest(to: name, among: byName.keys.map(\.string) + builtIn)
        return "names '\(name)', which is not a module\(Spelling.suggestion(nearest))"
    }
}

/// The name of one of these modules.
struct LuaModuleName: CheckedText {
    static let form = FieldForm.either([.text], words: "the name of a module")

    let text: ExactText

    static func check(_ text: String, of node: Node) throws(FieldProblem) {
        if let problem = StandardModules.problem(with: text) { throw FieldProblem(problem) }
    }
}
