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
}
