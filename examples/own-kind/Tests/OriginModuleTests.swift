import Testing
import Wippy
import WippyTesting

@testable import own_kind

@Suite("The Lua module origin")
struct OriginModuleTests {
    @Test("It sees the request, the message, or that there is neither")
    func origins() async throws {
        let project = """
            namespace: app
            entries:
              - {name: server, kind: http.service, addr: "127.0.0.1:0", lifecycle: {auto_start: true}}
              - {name: router, kind: http.router, meta: {server: server}}
              - {name: get, kind: http.endpoint, meta: {router: router}, method: GET, path: /f, func: f}
              - {name: memory, kind: queue.driver.memory, lifecycle: {auto_start: true}}
              - {name: work, kind: queue.queue, driver: memory}
              - {name: consumer, kind: queue.consumer, queue: work, func: f, lifecycle: {auto_start: true}}
              - name: f
                kind: function.lua
                modules: [logger, origin]
                source: |
                  local origin = require("origin")
                  return function()
                      local text, err = origin.text()
                      logger:info("origin", {text = text or err:kind()})
                      return true
                  end
            """
        try await TestApplication(
            project: .definitions(project), handlers: [], kinds: .standard + [ScriptModule.origin]
        ) { app in
            _ = try await app.send(.get, "/f?a=b")
            let id = try await app.queue("app:work").publish(["n": 1])
            try await app.settled()
            _ = try await app.function("app:f").call(.null)
            let texts = app.log.records.filter { $0.message == "origin" }.compactMap { $0.metadata["text"] }
            #expect(texts == ["GET /f", "message \(id)", "NotFound"])
        }
    }
}
