import LuaSyntax
import Testing

struct LiteralCallTests {
    @Test(arguments: [
        ("sql.get('app:db')", ["1:9 sql.get app:db"]),
        ("local db = require(\"sql\")\ndb.get(\"app:db\")", ["1:20 require sql", "2:8 sql.get app:db"]),
        (
            "local q = require 'queue'\nq.publish('a:b', {1}, 'c')",
            ["1:19 require queue", "2:11 queue.publish a:b", "2:23 queue.publish c 3"]
        ),
        ("local e, err = funcs.new()\ne:call([[a:f]], 1)", ["2:8 funcs.new():call a:f"]),
        ("funcs.new():call('a:f')", ["1:18 funcs.new():call a:f"]),
        ("local get = require('store').get\nget('a:s')", ["1:21 require store", "2:5 store.get a:s"]),
        ("local sql = {}\nsql.get('x')", []),
        ("local function f(sql) sql.get('x') end sql.get('y')", ["1:48 sql.get y"]),
        ("do local sql = {} end sql.get('z')", ["1:31 sql.get z"]),
        ("for sql in pairs(t) do sql.get('x') end", []),
        ("process.exec(name, 'a:h')", ["1:20 process.exec a:h 2"]),
        ("local m = require(name, 'sql')\nm.get('x')", ["1:25 require sql 2"]),
        ("sql.get(name) sql.get('a' .. b) sql.get(t['x'])", []),
        ("function t:m() self.get('x') end", []),
        ("function require(name) return modules[name] end require('x')", []),
        ("sql = {} function sql.get(name) end sql.get('x') store.get('y')", ["1:60 store.get y"]),
        ("queue, sql = 5, require('sql') sql.get('x') queue.publish('y')", ["1:25 require sql", "1:40 sql.get x"]),
        ("local x: typeof(sql.get('x')) = sql.get(\"\\097\\.b\")", ["1:41 sql.get a.b"]),
        ("local sql <const> = require('sql') :: any\nsql.get 'x'", ["1:29 require sql", "2:9 sql.get x"]),
    ])
    func callsAreFound(source: String, expected: [String]) {
        let script = LuaScript(Array(source.utf8))
        #expect(script.diagnostics == [])
        let calls = script.literalCalls.map { call in
            "\(call.location) \(call.function) \(call.argument)" + (call.position == 1 ? "" : " \(call.position)")
        }
        #expect(calls == expected)
    }

    @Test func modulesAreNamed() {
        let script = LuaScript(Array("local sql, json = require('sql'), require([[json]])".utf8))
        #expect(script.requiredModules.map(\.argument) == ["sql", "json"])
    }
}
