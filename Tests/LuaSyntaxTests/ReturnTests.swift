import LuaSyntax
import Testing

@Suite("The return of a script")
struct ReturnTests {
    @Test(
        "It has a value if a return outside of every function has one",
        arguments: [
            ("return 1", true), ("return function() end", true), ("if x then return {} end", true),
            ("do return f() end", true), ("return", false), ("return;", false), ("local x = 1", false), ("", false),
            ("function f() return 1 end", false), ("local f = function() return 1 end", false),
            ("local function f() return 1 end return", false), ("f(function() return 1 end) return f", true),
            ("return (", false),
        ])
    func value(_ source: String, _ returnsValue: Bool) {
        #expect(LuaScript(Array(source.utf8)).returnsValue == returnsValue)
    }
}
