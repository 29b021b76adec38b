import LuaSyntax
import Testing

@Suite("The names of the fields and methods that a script uses")
struct MemberTests {
    @Test(
        "They follow a dot or a colon, or stand in brackets as a string",
        arguments: [
            "a.name()", "a:name()", "a['name'](a)", "local x = f().name", "a.name = 1",
        ])
    func found(script: String) {
        #expect(LuaScript(Array(script.utf8)).members.contains { "\($0)" == "name" })
    }

    @Test(
        "Names of variables and new functions, keys of a new table, strings, comments and types do not count",
        arguments: [
            "name()", "function a.name() end", "local t = {name = 1}", "local x = 'a.name()'", "-- a.name()",
            "local x: typeof(a.name) = 1",
        ])
    func absent(script: String) {
        #expect(!LuaScript(Array(script.utf8)).members.contains { "\($0)" == "name" })
    }
}
