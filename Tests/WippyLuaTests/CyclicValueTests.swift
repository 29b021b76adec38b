import Testing
import Wippy
import WippyTesting

/// Tables that hold themselves, wherever a value leaves the state of a script.
@Suite("Values within themselves")
struct CyclicValueTests {
    private static let project = """
        namespace: app
        entries:
          - {name: memory, kind: queue.driver.memory, lifecycle: {auto_start: true}}
          - {name: tasks, kind: queue.queue, driver: memory}
          - {name: kept, kind: store.memory}
          - {name: host, kind: process.host, lifecycle: {auto_start: true}}
          - {name: worker, kind: process.lua, source: "return {main = function(value) return value end}"}
          - {name: same, kind: function.lua, source: "return function(value) return value end"}
          - name: returning
            kind: function.lua
            source: "return function() local t = {} t.t = t return t end"
          - name: run
            kind: function.lua
            modules: [funcs, json, queue, store]
            source: |
              return function()
                local object, list = {}, {}
                object.self, list[1], list[2] = object, list, list
                local uses = {
                  json = json.encode,
                  call = function(value) return funcs.call("app:same", value) end,
                  async = function(value) return funcs.async("app:same", value) end,
                  context = function(value) return funcs.new():with_context({value = value}) end,
                  exec = function(value) return process.exec("app:worker", "app:host", value) end,
                  publish = function(value) return queue.publish("app:tasks", value) end,
                  store = function(value) return store.get("app:kept"):set("key", value) end,
                  payload = payload.new,
                }
                local found = {}
                for name, use in pairs(uses) do
                  for _, value in ipairs({object, list}) do
                    local isFine, result, err = pcall(use, value)
                    local text = tostring(isFine and err or result)
                    found[name] = (found[name] or "") .. (text:find("within itself") and "refused " or text)
                  end
                end
                local _, returned = funcs.call("app:returning")
                found.returned = tostring(returned)
                return found
              end
        """

    @Test("They are refused with a sentence, and what runs goes on")
    func areRefused() async throws {
        try await TestApplication(project: .definitions(Self.project), handlers: []) { app in
            let found = try await app.function("app:run").call(.null)
            for name in ["json", "call", "async", "context", "exec", "publish", "store", "payload"] {
                #expect(found[name] == "refused refused ", "\(name)")
            }
            #expect(found["returned"]?.string?.contains("within itself") == true)
            #expect(try await app.function("app:same").call(7) == 7)
        }
    }
}
