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
        let long = String(repeating: "name", count: 20)
        let other = LuaScript(Array(script.replacing("name", with: long).utf8))
        #expect(other.members.contains { "\($0)" == long })
    }

    @Test("A call has the whole name of its function")
    func longNames() {
        let long = String(repeating: "name", count: 20)
        let script = LuaScript(Array("http.\(long)() local m = require('m').\(long) m:\(long)('x')".utf8))
        #expect(script.calls.first.map { "\($0.function)" } == "http.\(long)")
        #expect(script.literalCalls.last.map { "\($0.function)" } == "m.\(long):\(long)")
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
