import WippyDefinition
import WippyRuntime

/// `library.lua`: Lua code that other Lua code requires.
struct LuaLibraryKind: EntryKind {
    static let name: KindName = "library.lua"
    static let summary = "Lua code that other Lua code requires."

    struct Config: EntryConfig {
        let code: LuaCode

        init(from fields: inout FieldReader) {
            code = LuaCode(from: &fields)
            fields.ignored("method", because: "whoever requires a library gets all that it returns")
        }
    }

    func offers(_ entry: Entry<Config>) -> [Offer<LuaLibrary>] { [Offer(.luaLibrary) { $0 }] }

    func build(_ entry: Entry<Config>, with context: BuildContext) throws -> Built<LuaLibrary> {
        .component(try LuaLibrary(entry.config.code, with: context))
    }
}
