import Testing
import Wippy
import WippyTesting

/// Functions in Lua behind what calls them: a server, a consumer, Swift.
@Suite("Functions in Lua")
struct LuaFunctionTests {
    @Test("Swift calls a function in Lua with a value, and gets its first result or its error")
    func isCalled() async throws {
        let project = """
            namespace: app
            entries:
              - name: twice
                kind: function.lua
                imports: {lib: ":lib"}
                source: |
                  local lib = require("lib")
                  return function(value)
                      if value == nil then return nil, "nothing" end
                      return {sum = lib.twice(value.n), list = {}, text = value.text}
                  end
              - name: lib
                kind: library.lua
                source: "return {twice = function(n) return n * 2 end}"
            """
        try await TestApplication(project: .definitions(project), handlers: []) { app in
            let function = try app.function("app:twice")
            #expect(try await function.call(["n": 21, "text": "é"]) == ["sum": 42, "list": [:], "text": "é"])
            #expect(try await function.call(["n": 0.5]) == ["sum": 1.0, "list": [:]])
            let error = await #expect(throws: WippyError.self) { try await function.call(.null) }
            #expect(error?.message == "nothing" && error?.kind == .internal)
        }
    }

    @Test("Swift gets results of up to a million values, and each text counts once")
    func largeResults() async throws {
        let project = """
            namespace: app
            entries:
              - name: texts
                kind: function.lua
                limits: {run: 1m}
                source: "return function(count) local t = {} for i = 1, count do t[i] = 'x' end return t end"
            """
        try await TestApplication(project: .definitions(project), handlers: []) { app in
            let texts = try app.function("app:texts")
            #expect(try await texts.call(999_999).list?.count == 999_999)
            await #expect(throws: WippyError.self) { try await texts.call(1_000_000) }
        }
    }

    @Test("A function in Lua calls others, with a context, at once or later, and gets their results and errors")
    func calls() async throws {
        let project = """
            namespace: app
            entries:
              - name: main
                kind: function.lua
                modules: [funcs, ctx]
                source: |
                  local funcs, ctx = require("funcs"), require("ctx")
                  return function()
                      local out = {}
                      out.sum = funcs.call("app:add", 1, 2)
                      out.swift = funcs.call("app:shout", "é")
                      local with = funcs.new():with_context({user = {id = 7}})
                      out.user = with:call("app:context", "user").id
                      local none, missing = with:call("app:context", "group")
                      out.missing = missing:kind()
                      out.inherited = with:call("app:outer").id
                      local _, unknown = funcs.call("app:nothing")
                      out.unknown = unknown:kind()
                      local _, many = funcs.call("app:shout", 1, 2)
                      out.many = many:kind()
                      local _, late = funcs.new():with_options({timeout = "1ms"}):call("app:waits")
                      out.late = late:kind()
                      local futures = {funcs.async("app:add", 3, 4), funcs.async("app:fails")}
                      local payload, ok = futures[1]:response():receive()
                      out.later = payload:data()
                      local err = futures[2]:channel():receive()
                      out.details = err:details().why
                      out.kind = err:kind()
                      return out
                  end
              - {name: add, kind: function.lua, source: "return function(a, b) return a + b end"}
              - {name: shout, kind: function.swift, handler: Shout}
              - {name: waits, kind: function.swift, handler: Waits}
              - name: context
                kind: function.lua
                modules: [ctx]
                source: "return function(name) return ctx.get(name) end"
              - name: outer
                kind: function.lua
                modules: [funcs]
                source: "return function() return funcs.call('app:context', 'user') end"
              - name: fails
                kind: function.lua
                source: |
                  return function()
                      return nil, errors.new({message = "no", kind = errors.CONFLICT, details = {why = "because"}})
                  end
            """
        try await TestApplication(project: .definitions(project), handlers: [Shout.self, Waits.self]) { app in
            let function = try app.function("app:main")
            let call = Task { try await function.call(.null) }
            try await eventually("the call waits") { !app.clock.deadlines.isEmpty }
            app.clock.advance(by: .milliseconds(1))
            let expected: Value = [
                "sum": 3, "swift": "É", "user": 7, "missing": "NotFound", "inherited": 7, "unknown": "NotFound",
                "many": "Invalid", "late": "Timeout", "later": 7, "details": "because", "kind": "Conflict",
            ]
            #expect(try await call.value == expected)
        }
    }

    @Test("A script finds entries by what they say, and variables by their names; secrets are none of its business")
    func reads() async throws {
        let project = """
            namespace: app
            entries:
              - name: main
                kind: function.lua
                modules: [registry, env]
                source: |
                  return function()
                      local found = {}
                      for _, entry in ipairs(registry.find({["meta.type"] = "card", [".kind"] = "registry.entry"})) do
                          found[#found + 1] = entry.data.text
                      end
                      local entry, err = registry.get("app:nothing")
                      return {
                          found = found, err = err:kind(), host = env.get("HOST"), id = env.get("app:host"),
                          secret = registry.get("app:secret").data.default,
                          parsed = registry.parse_id("a.b:c").ns, version = registry.current_version():id(),
                      }
                  end
              - {name: one, kind: registry.entry, meta: {type: card}, text: first}
              - {name: two, kind: registry.entry, meta: {type: [card, other]}, text: second}
              - {name: three, kind: registry.entry, meta: {type: other}, text: third}
              - {name: host, kind: env.variable, variable: HOST, storage: texts}
              - {name: secret, kind: env.variable, secret: true, default: hidden}
              - {name: texts, kind: env.storage.static, values: {HOST: example}}
            """
        try await TestApplication(project: .definitions(project), handlers: []) { app in
            let expected: Value = [
                "found": ["first", "second"], "err": "NotFound", "host": "example", "id": "example", "parsed": "a.b",
                "version": 1,
            ]
            let function = try app.function("app:main")
            #expect(try await function.call(.null) == expected)
        }
    }

    @Test("A call that fails is tried again as its options, or the function's own, say")
    func triesAgain() async throws {
        let project = """
            namespace: app
            entries:
              - name: main
                kind: function.lua
                modules: [funcs]
                source: |
                  local funcs = require("funcs")
                  return function(options)
                      local executor = funcs.new():with_options({retry = options})
                      local calls, err = executor:call(options.of or "app:fails", options.fails or 2, options.kind)
                      return calls or err:message()
                  end
              - name: fails
                kind: function.lua
                pool: {type: static, workers: 1}
                source: &fails |
                  local calls = 0
                  return function(failures, kind)
                      calls = calls + 1
                      if calls <= failures then
                          error(errors.new({message = "failure " .. calls, kind = kind, retryable = kind ~= "final"}))
                      end
                      local made = calls
                      calls = 0
                      return made
                  end
              - name: retried
                kind: function.lua
                meta: {options: {retry: {max_attempts: 3, initial_delay: 1}}}
                pool: {type: static, workers: 1}
                source: *fails
            """
        try await TestApplication(project: .definitions(project), handlers: []) { app in
            let main = try app.function("app:main")
            func call(_ options: Value) async throws -> Value {
                try await advancing(app, while: { try await main.call(options) })
            }
            #expect(try await call(["of": "app:retried"]) == 3)
            #expect(try await call(["max_attempts": 3, "initial_delay": "20ms"]) == 3)
            #expect(try await call(["max_attempts": 2, "fails": 9]) == "failure 2")
            #expect(try await call(["max_attempts": 5, "fails": 9, "kind": "final"]) == "failure 3")
            #expect(
                try await call(["max_attempts": 5, "fails": 9, "kind": "Conflict", "skip_kinds": ["Conflict"]])
                    == "failure 4")
            #expect(
                try await call(["max_attempts": 5, "fails": 9, "kind": "Conflict", "retry_kinds": ["Internal"]])
                    == "failure 5")
            #expect(try await call(["fails": 9]) == "failure 6")
            #expect(
                try await call(["max_attempts": 2, "fails": 9, "kind": "Stale", "retry_kinds": ["Stale"]])
                    == "failure 8")
            #expect(
                try await call(["max_attempts": 5, "fails": 9, "kind": "Stale", "skip_kinds": ["Stale"]])
                    == "failure 9")
            #expect(try await call(["max_attempts": 2.7, "fails": 99]) == "failure 11")
            #expect(try await call(["of": "app:retried", "max_attempts": 1]) == "failure 1")
            #expect(try await call(["of": "app:retried", "max_attempts": 0]) == "failure 2")
        }
    }

    @Test(
        "An option for calls that a function's 'meta.options' cannot have is an error for a script as well",
        arguments: [
            ("retry = {max_atempts = 2}", "unknown field 'retry.max_atempts'; did you mean 'retry.max_attempts'?"),
            ("retry = {max_attempts = 0}", "taken"),
            ("retry = {max_attempts = -1}", "'retry.max_attempts' must be 0 through 1000000, got -1"),
            ("retry = {jitter = -1.5}", "'retry.jitter' must be 0 through 1000000, got -1.5"),
            (
                "retry = {initial_delay = 'soon'}",
                "'retry.initial_delay' must be a time such as 5s, or milliseconds, got 'soon'"
            ),
            ("retry = {max_delay = -1}", "'retry.max_delay' must be 0s through 24h, got -1"),
            (
                "retry = {skip_kinds = {'Conflct'}}",
                "'retry.skip_kinds[0]' must be a kind of errors, got 'Conflct'; did you mean 'Conflict'?"
            ),
            ("retry = {skip_kinds = {'Stale'}}", "taken"),
            ("timeout = 0", "'timeout' must be 1ms through 24h, got 0"),
            ("timout = 5", "unknown field 'timout'; did you mean 'timeout'?"),
            ("retry = 3", "'retry' must be a map, got 3"),
            ("timeout = '5s', retry = {max_attempts = 2.0, max_delay = 0.5, retry_kinds = {}}, tag = 'own'", "taken"),
        ])
    func checksCallOptions(options: String, expected: String) async throws {
        let project = """
            namespace: app
            entries:
              - name: main
                kind: function.lua
                modules: [funcs]
                source: |
                  return function()
                      local taken, err = pcall(function() funcs.new():with_options({\(options)}) end)
                      return taken and "taken" or err
                  end
            """
        try await TestApplication(project: .definitions(project), handlers: []) { app in
            let text = try await app.function("app:main").call(.null).string ?? ""
            #expect(text.hasSuffix(expected == "taken" ? expected : "(\(expected))"), "\(text)")
        }
    }

    /// The result of something that waits by the application's clock.
    private func advancing(
        _ app: TestApplication, while body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        let result = Task { try await body() }
        let clock = Task {
            while !Task.isCancelled {
                app.clock.advance(by: .seconds(1))
                await Task.yield()
            }
        }
        defer { clock.cancel() }
        return try await result.value
    }

    @Test("A misspelt name in an entry that a script makes, or in a search for entries, is an error")
    func namesOfEntriesAreChecked() async throws {
        let project = """
            namespace: app
            entries:
              - name: f
                kind: function.lua
                modules: [registry]
                source: |
                  return function()
                    local changes = registry.snapshot():changes()
                    local entry = {id = "app:made", kind = "function.lua", dta = {source = "return function() end"}}
                    local _, made = pcall(changes.create, changes, entry)
                    local _, found = pcall(registry.find, {[".knd"] = "function.lua"})
                    local others = registry.find({name = "made", [".name"] = "f"})
                    return {made:message(), found:message(), #changes:ops(), #others, #registry.find({[".ns"] = "app"})}
                  end
            """
        try await TestApplication(project: .definitions(project), handlers: [], kinds: .standard) { app in
            let answer = try await app.function("app:f").call(.null)
            #expect(
                answer == [
                    "unknown field 'dta'; did you mean 'data'?", "unknown field '.knd'; did you mean '.kind'?", 0, 0, 1,
                ])
        }
    }

    @Test("A script changes entries, calls what has come, and goes back and forth between versions")
    func changesEntries() async throws {
        let project = """
            namespace: app
            entries:
              - name: main
                kind: function.lua
                modules: [registry, funcs]
                source: |
                  local function entry(text, kind)
                      local source = "return function() return '" .. text .. "' end"
                      return {id = "app:made", kind = kind or "function.lua", meta = {of = "code"}, data = {source = source}}
                  end
                  local function apply(name, value)
                      local changes = registry.snapshot():changes()
                      changes[name](changes, value)
                      return changes:apply()
                  end
                  local function called()
                      local value, err = funcs.call("app:made")
                      return value or err:kind()
                  end
                  return function()
                      local said = {}
                      local function say(value) said[#said + 1] = tostring(value) end
                      local first = registry.current_version()
                      say(called())
                      local second, err = apply("create", entry("one"))
                      say(err) say(second:id() - first:id()) say(called())
                      local third = apply("update", entry("two"))
                      say(called()) say(registry.find({of = "code"})[1].data.source:match("'(.*)'"))
                      for _, wrong in ipairs({
                          {"create", entry("x")}, {"delete", "app:nothing"}, {"update", entry("x", "function.luna")},
                          {"update", {id = "app:made", kind = "function.lua", data = {source = "return = 1"}}},
                      }) do
                          local version, err = apply(wrong[1], wrong[2])
                          say(version) say(err and err:kind())
                      end
                      return said
                  end
              - name: second
                kind: function.lua
                modules: [registry, funcs]
                source: |
                  return function()
                      local said = {}
                      local function say(value) said[#said + 1] = tostring(value) end
                      local versions = registry.versions()
                      for _, number in ipairs({1, #versions, 1}) do
                          say(registry.apply_version(versions[number]))
                          say(registry.current_version():id())
                          say((funcs.call("app:made")))
                      end
                      say(registry.snapshot_at(2):get("app:made").kind)
                      say(versions[1]:next():id()) say(versions[1]:previous())
                      say(#registry.versions() == #versions)
                      return said
                  end
            """
        try await TestApplication(project: .definitions(project), handlers: []) { app in
            let said = try await app.function("app:main").call(.null)
            let wanted: Value = [
                "NotFound", "nil", "1", "one", "two", "two", "nil", "AlreadyExists", "nil", "NotFound", "nil",
                "Invalid",
                "nil", "Invalid",
            ]
            #expect(said == wanted)
            let later = try await app.function("app:second").call(.null)
            #expect(
                later == [
                    "true", "1", "nil", "true", "3", "two", "true", "1", "nil", "function.lua", "2", "nil", "true",
                ])
        }
    }

    @Test("A script sets variables of a storage in memory, for all others too, and no other variables")
    func setsVariables() async throws {
        let project = """
            namespace: app
            entries:
              - name: set
                kind: function.lua
                modules: [env]
                source: |
                  return function(name)
                      local done, err = env.set(name, "written")
                      return {done = done, err = err and err:kind()}
                  end
              - name: get
                kind: function.lua
                modules: [env]
                source: |
                  return function()
                      local all = env.get_all()
                      return {env.get("app:plain"), env.get("ROUTED"), env.get("FIXED"), all.ROUTED, all.FIXED}
                  end
              - {name: plain, kind: env.variable, storage: memory, default: first}
              - {name: routed, kind: env.variable, variable: ROUTED, storage: router}
              - {name: fixed, kind: env.variable, variable: FIXED, storage: texts}
              - {name: protected, kind: env.variable, storage: memory, read_only: true, default: x}
              - {name: outer, kind: env.variable}
              - {name: texts, kind: env.storage.static, values: {FIXED: example}}
              - {name: memory, kind: env.storage.memory}
              - {name: router, kind: env.storage.router, storages: [texts, memory]}
            """
        try await TestApplication(project: .definitions(project), handlers: []) { app in
            let (set, get) = (try app.function("app:set"), try app.function("app:get"))
            for name in ["app:plain", "ROUTED"] { #expect(try await set.call(.string(name)) == ["done": true]) }
            for name in ["FIXED", "app:protected", "app:outer"] {
                #expect(try await set.call(.string(name)) == ["err": "PermissionDenied"])
            }
            #expect(try await set.call("NOTHING") == ["err": "NotFound"])
            #expect(try await get.call(.null) == ["written", "written", "example", "written", "example"])
        }
    }

    @Test("A router asks its storages in order for what a script has set, and an empty text counts as none")
    func asksStoragesInOrder() async throws {
        let project = """
            namespace: app
            entries:
              - name: set
                kind: function.lua
                modules: [env]
                source: |
                  return function(change)
                      assert(env.set(change.name, change.text))
                      return {env.get("FIXED") or "", env.get("KEPT") or "", env.get("LATE") or ""}
                  end
              - {name: fixed, kind: env.variable, variable: FIXED, storage: router}
              - {name: kept, kind: env.variable, variable: KEPT, storage: router, default: usual}
              - {name: late, kind: env.variable, variable: LATE, storage: router}
              - {name: LATE, kind: env.variable, storage: second}
              - {name: texts, kind: env.storage.static, values: {FIXED: example}}
              - {name: last_texts, kind: env.storage.static, values: {LATE: last}}
              - {name: first, kind: env.storage.memory}
              - {name: second, kind: env.storage.memory}
              - {name: inner, kind: env.storage.router, storages: [texts, first]}
              - {name: router, kind: env.storage.router, storages: [inner, second, last_texts]}
            """
        try await TestApplication(project: .definitions(project), handlers: []) { app in
            let set = try app.function("app:set")
            let steps: KeyValuePairs<Value, Value> = [
                ["name": "FIXED", "text": "written"]: ["example", "usual", "last"],
                ["name": "app:LATE", "text": "in the second"]: ["example", "usual", "in the second"],
                ["name": "LATE", "text": "in the first"]: ["example", "usual", "in the first"],
                ["name": "LATE", "text": ""]: ["example", "usual", "in the second"],
                ["name": "app:LATE", "text": ""]: ["example", "usual", "last"],
                ["name": "KEPT", "text": "changed"]: ["example", "changed", "last"],
                ["name": "KEPT", "text": ""]: ["example", "usual", "last"],
            ]
            for (change, texts) in steps { #expect(try await set.call(change) == texts) }
        }
    }

    @Test("No more calls run at once than there are states, and states that nobody uses go")
    func boundsStates() async throws {
        let project = """
            namespace: app
            entries:
              - name: count
                kind: function.lua
                pool: {max_size: 2}
                source: |
                  local calls = 0
                  return function()
                      calls = calls + 1
                      return calls
                  end
            """
        try await TestApplication(project: .definitions(project), handlers: []) { app in
            let function = try app.function("app:count")
            let counts = try await withThrowingTaskGroup(of: Value.self) { group in
                for _ in 0..<100 { group.addTask { try await function.call(.null) } }
                return try await group.reduce(into: [Value]()) { $0.append($1) }
            }
            // Each state begins to count by itself.
            #expect((1...2).contains(counts.count { $0 == 1 }))
            var isTimeOver = false
            try await eventually("the states are new ones") {
                // A call in the same turn as the step of the clock could use a state before it goes.
                isTimeOver.toggle()
                guard isTimeOver else { return try await function.call(.null) == 1 }
                app.clock.advance(by: .seconds(61))
                return false
            }
        }
    }
}

private struct Shout: FunctionHandler {
    init(_ context: HandlerContext) {}
    func call(_ input: String) -> String { input.uppercased() }
}

private struct Waits: FunctionHandler {
    init(_ context: HandlerContext) {}
    func call(_ input: Value) async throws -> Value {
        try await Task.sleep(for: .seconds(600))
        return .null
    }
}
