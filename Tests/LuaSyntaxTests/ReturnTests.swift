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
    func exists(_ source: String, _ returnsValue: Bool) {
        #expect(LuaScript(Array(source.utf8)).returns.isEmpty != returnsValue)
    }

    @Test(
        "A constant is known",
        arguments: ["return 5", "return -1.5", "return 'main'", "return nil", "return true, f", "do return [[x]]; end"])
    func constants(_ source: String) {
        #expect(LuaScript(Array(source.utf8)).returns.map(\.value) == [.constant])
    }

    @Test(
        "A function is known if no statement replaces it",
        arguments: [
            "return function() end", "local function f() end return f", "local f = function() return 1 end return f",
            "local f <const> = function() end g(f) return f, 5",
        ])
    func functions(_ source: String) {
        #expect(LuaScript(Array(source.utf8)).returns.map(\.value) == [.function])
    }

    @Test(
        "The string keys of a table are known if the script does nothing else with it",
        arguments: [
            ("return {}", []),
            (
                "return {main = f, ['other key'] = 1, type = 2, 5, [6] = 7; last = {inner = 1}}",
                ["main", "last"]
            ),
            ("return {main = f} :: Module", ["main"]),
            ("local M = {a = f} return M", ["a"]),
            (
                "local M: Module <const> = {} function M.run() end function M:stop() end M.x, M['y'] = 1, 2 return M",
                ["run", "stop", "x", "y"]
            ),
            (
                "local M = {} function M.run() return M.limit end M.run() M.list[1] = 2 function M.a.f() end return M",
                ["run"]
            ),
            ("local M = {} local function set() M.late = 1 end return M", ["late"]),
            ("local M, N = {a = f}, {b = f} return N, M", ["b"]),
        ])
    func tables(_ source: String, _ keys: [String]) {
        #expect(LuaScript(Array(source.utf8)).returns.map(\.value) == [.table(keys: keys)])
    }

    @Test(
        "Any other value is unknown",
        arguments: [
            "return f", "return f()", "local function f() end return f()", "local function f() end return f.x",
            "local function f() end f = nil return f", "local f = function() end return f or 5", "return (5)",
            "return 'a' .. b", "return {[key] = 1}",
            "return setmetatable({}, {})", "local M = {} fill(M) return M", "local M = {} M[key] = 1 return M",
            "local M = {} M = other return M", "local M = {} local N = M N.main = 1 return M", "M = {} return M",
            "local M = {} M:fill() return M", "local M = {} function M() end return M", "return M",
            "local M = {} return M.run", "local M = {} return M or 5", "local M = {} do local M = f() return M end",
            "local x = 5 return x", "local M = {} table.insert(list, {M}) return M", "return {} and f",
        ])
    func unknown(_ source: String) {
        #expect(LuaScript(Array(source.utf8)).returns.map(\.value) == [.unknown])
    }

    @Test("The place is that of the value")
    func place() {
        let script = LuaScript(Array("if x then\n  return 5\nend\nreturn  {}".utf8))
        #expect(script.returns.map { "\($0.location)" } == ["2:10", "4:9"])
    }
}
