import LuaEngine
import Synchronization
import Testing
import Wippy
import WippyTesting

/// Modules that a program brings along for its scripts.
@Suite("Lua modules of a program")
struct ScriptModuleTests {
    private static let greeting = ScriptModule(
        "greeting", [.function("to") { stack in stack.give("Hello, \(try stack.checkString(at: 1))") }])

    private static let everywhere = ScriptModule("everywhere", [.value("number", 7)], isListed: false)

    private static let kinds: [any ProgramPart] = .standard + [greeting, everywhere, .ages]

    private static func project(modules: String, _ script: String) -> String {
        """
        namespace: app
        entries:
          - {name: memory, kind: queue.driver.memory, lifecycle: {auto_start: true}}
          - {name: tasks, kind: queue.queue, driver: memory}
          - name: f
            kind: function.lua
            modules: [\(modules)]
            source: |
              \(script.replacing("\n", with: "\n      "))
        """
    }

    @Test("A script requires what its entry lists, and what every script has; a function finds entries and waits")
    func isRequired() async throws {
        let project = Self.project(
            modules: "greeting, ages",
            """
            local greeting, ages = require("greeting"), require("ages")
            return function()
              local isThere, err = pcall(ages.of, "app:nowhere")
              return {greeting.to("Ann"), everywhere.number, ages.of("app:tasks"), isThere, err:kind()}
            end
            """)
        try await TestApplication(project: .definitions(project), handlers: [], kinds: Self.kinds) { app in
            let answer = try await app.function("app:f").call(.null)
            #expect(answer == ["Hello, Ann", 7, 0.0, false, "NotFound"])
        }
    }

    @Test("Lint knows the module's name and the ids that its functions are given")
    func isChecked() throws {
        let folder = try TemporaryFolder()
        let script = """
            local ages, greeting = require("ages"), require("greeting")
            return function() return ages.of("app:task"), ages.of("app:memory") end
            """
        try folder.write(Self.project(modules: "ages, greting, everywhere", script), to: "src/_index.yaml")
        let report = Application(project: folder.path, handlers: [], kinds: Self.kinds).check().report
        #expect(
            report.diagnostics.map { $0.message } == [
                "'modules[1]' names 'greting', which is not a module; did you mean 'greeting'?",
                "'ages.of' names 'app:memory' of the kind queue.driver.memory (src/_index.yaml:3:26), which is not a queue",
                "'ages.of' names 'app:task', which is not declared; did you mean 'app:tasks'?",
                "'source' requires 'greeting', which 'modules' does not list (line 1)",
            ])
    }

    @Test("Lint knows what the methods of a module's objects are given, and which of them do not work yet")
    func methodsAreChecked() throws {
        let folder = try TemporaryFolder()
        let script = """
            return function()
              local watch = watches.new()
              watch:on("app:task")
              watch:off()
              watches.more.new():on("app:memory")
              watches.more.count()
            end
            """
        try folder.write(Self.project(modules: "watches", script), to: "src/_index.yaml")
        let report = Application(project: folder.path, handlers: [], kinds: .standard + [Watch.module]).check().report
        #expect(
            report.diagnostics.map { $0.message } == [
                "'source' calls 'watches.more.count', which is not supported yet (line 6)",
                "'source' calls 'watches.new():off', which is not supported yet (line 4)",
                "'watches.more.new():on' names 'app:memory' of the kind queue.driver.memory (src/_index.yaml:3:26), "
                    + "which is not a queue",
                "'watches.new():on' names 'app:task', which is not declared; did you mean 'app:tasks'?",
            ])
    }

    @Test("A function or a method that does not work yet says so, with the name of its module or type")
    func absentFunctions() async throws {
        let script = """
            local _, off = watches.new():off()
            local _, count = watches.more.count()
            return off:message() .. "; " .. count:message() .. "; " .. count:kind()
            """
        let sentences = "watches.Watch:off is not supported yet; watches.more.count is not supported yet; Invalid"
        #expect(try await result(of: script, Watch.module) == .string(sentences))
    }

    @Test("A module keeps one value of a type for all calls of an entry")
    func sharedValues() async throws {
        let module = ScriptModule(
            "visits", [.function("next") { stack in stack.give(try stack.shared { _ in Visits() }.next()) }])
        #expect(try await result(of: "visits.next() visits.next() return visits.next()", module) == .integer(3))
    }

    @Test("A module sees the running entry, its limit of answers, the message, and what the caller has attached")
    func seesCalls() async throws {
        let module = ScriptModule(
            "calls",
            [
                .function("seen") { stack in
                    let call = try stack.call
                    return stack.give(
                        "\(call.entry) \(call.maxResultBytes) "
                            + "\(call.delivery?.message.body ?? .null) \(call.values["by"] ?? .null)")
                }
            ])
        let project = """
            namespace: app
            entries:
              - {name: memory, kind: queue.driver.memory, lifecycle: {auto_start: true}}
              - {name: tasks, kind: queue.queue, driver: memory}
              - name: inner
                kind: function.lua
                modules: [calls]
                limits: {result: 2KiB}
                source: return function() return require("calls").seen() end
              - name: outer
                kind: function.lua
                modules: [calls, funcs, logger]
                source: |
                  local calls, logger = require("calls"), require("logger")
                  return function()
                    logger:info(calls.seen())
                    logger:info(funcs.new():with_context({by = "outer"}):call("app:inner"))
                  end
              - {name: consumer, kind: queue.consumer, queue: tasks, func: outer, lifecycle: {auto_start: true}}
            """
        try await TestApplication(
            project: .definitions(project), handlers: [], kinds: .standard + [module]
        ) { app in
            try await app.queue("app:tasks").publish("a task")
            try await app.settled()
            let seen = app.log.records.map(\.message).filter { $0.contains("task") }
            #expect(seen == [#"app:outer 10485760 "a task" null"#, #"app:inner 2048 "a task" "outer""#])
            #expect(try await app.function("app:inner").call(.null) == "app:inner 2048 null null")
        }
    }

    @Test("A module calls functions and runs processes as 'funcs' and 'process' do")
    func calls() async throws {
        let project = """
            namespace: app
            entries:
              - {name: host, kind: process.host, lifecycle: {auto_start: true}}
              - {name: swift, kind: function.swift, handler: Same}
              - {name: read, kind: function.lua, modules: [ctx], source: "return function(n) return n + ctx.get('n') end"}
              - name: worker
                kind: process.lua
                modules: [ctx]
                source: "return {main = function(t) return t == t.t and ctx.get('n') end}"
              - name: again
                kind: function.lua
                modules: [relay]
                pool: {type: inline}
                source: |
                  return function()
                    local _, err = relay.call("app:again")
                    return err:kind()
                  end
              - name: slow
                kind: function.lua
                modules: [time]
                meta: {options: {timeout: 1ms}}
                source: return function() time.sleep("1h") end
              - name: all
                kind: function.lua
                modules: [more, relay]
                source: |
                  return function()
                    local cyclic = {}
                    cyclic.t = cyclic
                    local _, swift = relay.call("app:swift", cyclic)
                    local _, slow = relay.call("app:slow")
                    return {read = relay.call("app:read", 1), worker = more.exec("app:worker", "app:host", cyclic),
                      again = relay.call("app:again"), swift = swift:kind(), slow = slow:kind(),
                      with = more.call_with({n = 40}, "app:read", 2)}
                  end
              - name: outer
                kind: function.lua
                modules: [funcs]
                source: return function() return funcs.new():with_context({n = 6}):call("app:all") end
            """
        try await TestApplication(
            project: .definitions(project), handlers: [Same.self], kinds: .standard + [ScriptModule.relay, .more]
        ) { app in
            let answer = try await app.function("app:outer").call(.null)
            #expect(
                answer == [
                    "read": 7, "worker": 6, "again": "Unavailable", "swift": "Invalid", "slow": "Timeout", "with": 42,
                ])
        }
    }

    @Test("A contract that functions in Lua offer already is not offered again")
    func offeredTwice() throws {
        let folder = try TemporaryFolder()
        try folder.write(Self.project(modules: "", "return function() end"), to: "src/_index.yaml")
        let kinds: [any ProgramPart] = .standard + [LuaFunctionOffer(.function) { $0 }]
        let report = Application(project: folder.path, handlers: [], kinds: kinds).check().report
        #expect(
            report.diagnostics.map(\.message) == [
                "functions in Lua offer the contract of a function twice; list one offer of it"
            ])
    }

    /// The number of calls of an entry.
    private final class Visits: Sendable {
        private let count = Atomic(0)

        func next() -> Int { count.add(1, ordering: .relaxed).newValue }
    }
}

/// The objects of the module `watches`.
private final class Watch: Sendable {
    static let type = LuaObjectType<Watch>(
        "watches.Watch",
        methods: [.method("on", traits: [.id(of: .queue)]) { stack, _ in stack.give(true) }, .absent("off")])

    private static let new = LuaMember.function("new", traits: [.returns(type)]) { stack in
        stack.give(Watch(), as: type)
    }

    static let module = ScriptModule("watches", [new, .table("more", [new, .absent("count")])])
}

private struct Same: FunctionHandler {
    init(_ context: HandlerContext) {}
    func call(_ input: Value) -> Value { input }
}

extension ScriptModule {
    /// `ages`: `ages.of("app:tasks")` returns the age of the oldest message of a queue, in seconds.
    static let ages = ScriptModule(
        "ages",
        [
            .function("of", traits: [.id(of: .queue)]) { stack in
                let queue = try stack.entry(stack.checkString(at: 1), as: .queue)
                return .wait {
                    try await queue.info.oldestAge ?? .zero
                } then: { stack, age in
                    stack.push(age) { stack.push($0 / .seconds(1)) }
                }
            }
        ])
}

extension ScriptModule {
    /// `relay`: `relay.call("app:sum", 1, 2)` calls a function.
    static let relay = ScriptModule(
        "relay",
        [
            .function("call", traits: [.id(of: .function)]) { stack in
                let (caller, arguments) = (try stack.call, try stack.copies(from: 2))
                let function = try stack.entry(stack.checkString(at: 1), as: .function)
                return .wait(for: stack.enclosed { try await caller.call(function, arguments) }) { stack, result in
                    try stack.push(result) { try stack.push($0) }
                }
            }
        ])
}

extension ScriptModule {
    /// `more`: `more.call_with({n = 1}, "app:sum", 1, 2)` calls a function with values, and `more.exec` runs a process.
    fileprivate static let more = ScriptModule(
        "more",
        [
            .function("call_with") { stack in
                let (caller, arguments) = (try stack.call, try stack.copies(from: 3))
                let values = try stack.dataValue(at: 1).map ?? ValueMap()
                let function = try stack.entry(stack.checkString(at: 2), as: .function)
                return .wait {
                    try await caller.call(function, arguments, values: values)
                } then: { stack, result in
                    try stack.push(result) { try stack.push($0) }
                }
            },
            .function("exec") { stack in
                let (caller, arguments) = (try stack.call, try stack.copies(from: 3))
                let (id, process) = try stack.identifiedEntry(stack.checkString(at: 1), as: .process)
                let host = try stack.entry(stack.checkString(at: 2), as: .processHost)
                return .wait {
                    try await caller.run(process, arguments, as: id, on: host)
                } then: { stack, result in
                    try stack.push(result) { try stack.push($0) }
                }
            },
        ])
}
