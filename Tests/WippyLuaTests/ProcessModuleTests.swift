import Testing
import Wippy
import WippyTesting

/// `process.exec` in an application with a host of processes.
@Suite("Processes that scripts run")
struct ProcessModuleTests {
    private static let project = """
        namespace: app
        entries:
          - {name: host, kind: process.host, lifecycle: {auto_start: true}}
          - name: worker
            kind: process.lua
            modules: [ctx, funcs]
            source: |
              return {main = function(a, b)
                if a == "fail" then error("it fails") end
                local id = ctx.get("id")
                return {sum = a + b, id = id, read = funcs.call("app:read"), who = process.id()}
              end}
          - {name: read, kind: function.lua, modules: [ctx], source: "return function() return ctx.get('id') end"}
          - name: sleeper
            kind: process.lua
            modules: [time]
            source: |
              return {main = function()
                while true do pcall(time.sleep, "1000h") end
              end}
          - name: wait
            kind: function.lua
            source: |
              return function()
                local value, err = process.exec("app:sleeper", "app:host")
                return value, err
              end
          - name: wait_a_minute
            kind: function.lua
            modules: [funcs]
            source: |
              return function()
                local _, err = funcs.new():with_options({timeout = "1m"}):call("app:wait")
                return err:kind()
              end
          - name: execute
            kind: function.lua
            source: |
              return function()
                local value, err = process.exec("app:worker", "app:host", 1, 2)
                local _, failed = process.exec("app:worker", "app:host", "fail")
                local _, unknown = process.exec("app:nobody", "app:host")
                local _, noHost = process.exec("app:worker", "app:read")
                return {value = value, err = err and err:message(), failed = failed:message(), unknown = unknown:kind(),
                  noHost = noHost:message()}
              end
          - name: call
            kind: function.lua
            modules: [funcs]
            source: |
              return function() return funcs.new():with_context({id = "seven"}):call("app:execute") end
        """

    @Test("A process runs on a host to its end, with the context of the call; its error is the caller's")
    func runsToItsEnd() async throws {
        try await TestApplication(project: .definitions(Self.project), handlers: []) { app in
            let answer = try await app.function("app:call").call(.null)
            #expect(answer["value"] == ["sum": 3, "id": "seven", "read": "seven", "who": "app:worker"])
            #expect(answer["err"] == nil)
            #expect(answer["failed"]?.string?.contains("it fails") == true)
            #expect(answer["unknown"] == "NotFound")
            #expect(answer["noHost"] == "'app:read' is not a process host of this application")
        }
    }

    @Test("A process ends with the call that waits for it: when that is cancelled, and when its time is over")
    func endsWithItsCaller() async throws {
        try await TestApplication(project: .definitions(Self.project), handlers: []) { app in
            func call(_ name: String) async throws -> Task<Value, any Error> {
                let function = try app.function(name)
                let call = Task { try await function.call(.null) }
                try await eventually("the process sleeps") { app.clock.hasSleeper }
                return call
            }
            let cancelled = try await call("app:wait")
            cancelled.cancel()
            await #expect(throws: CancellationError.self) { try await cancelled.value }
            try await eventually("the process has ended") { !app.clock.hasSleeper }

            let late = try await call("app:wait_a_minute")
            app.clock.advance(by: .seconds(61))
            #expect(try await late.value == "Timeout")
            try await eventually("the process has ended") { !app.clock.hasSleeper }
        }
    }
}

extension AdvanceableClock {
    /// Whether a process sleeps for a thousand hours.
    fileprivate var hasSleeper: Bool { deadlines.contains { $0 - now > .seconds(999 * 3600) } }
}
