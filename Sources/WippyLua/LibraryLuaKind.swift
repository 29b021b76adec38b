import WippyDefinition
import WippyRuntime

/// `library.lua`: Lua code that other Lua code requires.
struct LibraryLuaKind: EntryKind {
    static let name: KindName = "library.lua"
    static let summary = "A library in Lua, which scripts load by `require`."

    struct Config: Sendable, Equatable {
        let code: LuaCode
    }

    func config(from fields: inout FieldReader, in program: Program) -> Config {
        let code = LuaCode(from: &fields, in: program, isLibrary: true)
        fields.ignored("limits", because: "the limits of the script that requires the library apply")
        fields.ignored("method", because: "code that requires a library gets everything that the library returns")
        return Config(code: code)
    }

    func offers(_ entry: Entry<Config>) -> [Offer<LuaLibrary>] { [Offer(.luaLibrary) { $0 }] }

    func build(_ entry: Entry<Config>, with context: BuildContext) throws -> Built<LuaLibrary> {
        .component(try LuaLibrary(entry.config.code, with: context))
    }
}
