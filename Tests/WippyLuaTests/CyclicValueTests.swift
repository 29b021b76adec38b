import Testing
import Wippy
import WippyTesting

/// Tables that hold themselves, wherever a value leaves the state of a script.
///
/// Another script gets them as they are; whoever else gets a value refuses them.
@Suite("Values within themselves")
struct CyclicValueTests {
    private static let project = """
        namespace: app
        entries:
          - {name: memory, kind: queue.driver.memory, lifecycle: {auto_start: true}}
          - {name: tasks, kind: queue.queue, driver: memory}
          - {name: db, kind: db.sql.sqlite, file: tasks.db, lifecycle: {auto_start: true}}
          - {name: durable, kind: queue.driver.sql, database: db, lifecycle: {auto_start: true}}
          - {name: stored, kind: queue.queue, driver: durable}
          - {name: kept, kind: store.memory}
          - {name: host, kind: process.host, lifecycle: {auto_start: true}}
          - {name: worker, kind: process.lua, source: "return {main = function(value) return value end}"}
          - {name: same, kind: function.lua, source: "return function(value) return value end"}
          - {name: swift, kind: function.swift, handler: Same}
          - {name: swift_worker, kind: process.swift, handler: Worker}
          - name: returning
            kind: function.lua
            source: "return function() local t = {} t.t = t return t end"
          - name: refusing
            kind: function.lua
            modules: [funcs, json, queue, sql, store]
            source: |
              return function()
                local object, list = {}, {}
                object.self, list[1], list[2] = object, list, list
                local uses = {
                  json = json.encode,
                  call = function(value) return funcs.call("app:swift", value) end,
                  context = function(value) return funcs.new():with_context({value = value}) end,
                  exec = function(value) return process.exec("app:swift_worker", "app:host", value) end,
                  publish = function(value) return queue.publish("app:tasks", value) end,
                  store = function(value) return store.get("app:kept"):set("key", value) end,
                  transaction = function(value)
                    local transaction = sql.get("app:db"):begin()
                    local result, err = transaction:publish("app:stored", value)
                    transaction:rollback()
                    return result, err
                  end,
                  transcode = function(value) return payload.new(value):transcode(payload.format.JSON) end,
                }
                local found = {}
                for name, use in pairs(uses) do
                  for _, value in ipairs({object, list}) do
                    local isFine, result, err = pcall(use, value)
                    local text = tostring(isFine and err or result)
                    local way = isFine and err:kind() or "raised"
                    found[name] = (found[name] or "") .. (text:find("contains itself") and way .. " " or text)
                  end
                end
                local tree = {branches = {{name = "left"}, {name = "right"}}}
                tree.branches[2].all = {true, tree.branches}
                local _, err = funcs.call("app:swift", tree)
                found.place = tostring(err)
                return found
              end
          - name: keeping
            kind: function.lua
            modules: [funcs]
            source: |
              return function()
                local shared = {1, 2.5, "\\255"}
                local value = {name = "root", list = {}, shared = shared, again = shared}
                value.self, value.list[1], value.list[2] = value, value.list, {up = value}
                local ways = {
                  call = function() return funcs.call("app:same", value) end,
                  async = function() return funcs.async("app:same", value):response():receive():data() end,
                  result = function()
                    local future = funcs.async("app:same", value)
                    future:response():receive()
                    return future:result():data()
                  end,
                  exec = function() return process.exec("app:worker", "app:host", value) end,
                  payload = function() return payload.new(value):data() end,
                }
                local found = {}
                for name, way in pairs(ways) do
                  local copy, err = way()
                  assert(copy, err)
                  found[name] = copy ~= value and copy.self == copy and copy.name == "root"
                    and copy.list[1] == copy.list and copy.list[2].up == copy and #copy.list == 2
                    and copy.shared == copy.again and #copy.shared == 3 and copy.shared[3] == "\\255"
                    and math.type(copy.shared[1]) == "integer" and math.type(copy.shared[2]) == "float"
                end
                local returned = funcs.call("app:returning")
                found.returned = returned.t == returned
                return found
              end
          - name: deep
            kind: function.lua
            modules: [funcs]
            source: |
              return function(count)
                local first = {}
                local last = first
                for _ = 2, count do last.next = {} last = last.next end
                last.next = first
                local copy, err = funcs.call("app:same", first)
                return copy and true or tostring(err)
              end
        """

    /// What a function answers; whatever it does, the application goes on.
    private static func answer(of name: String, to argument: Value = .null) async throws -> Value {
        var answer = Value.null
        try await TestApplication(
            project: .definitions(project), handlers: [Same.self, Worker.self]
        ) { app in
            answer = try await app.function(name).call(argument)
            #expect(try await app.function("app:same").call(7) == 7)
        }
        return answer
    }

    @Test("Scripts get each other's as they are, by whatever way a value is copied")
    func areKept() async throws {
        let found = try await Self.answer(of: "app:keeping")
        #expect(
            found == [
                "call": true, "async": true, "result": true, "exec": true, "payload": true, "returned": true,
            ])
    }

    @Test("Whoever else gets a value refuses them with a sentence that says the place, and what runs goes on")
    func areRefused() async throws {
        let found = try await Self.answer(of: "app:refusing")
        for name in ["call", "exec", "publish", "store", "transaction", "transcode"] {
            #expect(found[name] == "Invalid Invalid ", "\(name)")
        }
        #expect(found["json"] == "Internal Internal " && found["context"] == "raised raised ")
        let place = "the value contains itself: 'branches[2].all[2]' is 'branches' again"
        #expect(found["place"]?.string?.contains(place) == true)
    }

    @Test("A Swift handler that calls a script is told the place, too")
    func areRefusedInResults() async throws {
        let error = await #expect(throws: WippyError.self) { try await Self.answer(of: "app:returning") }
        #expect("\(try #require(error))".contains("the value contains itself: 't' is the value again"))
    }

    @Test("They are nested no deeper than other values", arguments: [(128, true), (129, false)])
    func areBounded(count: Int, isCopied: Bool) async throws {
        let found = try await Self.answer(of: "app:deep", to: .integer(count))
        if isCopied {
            #expect(found == true)
        } else {
            #expect(found.string?.contains("nested too deep") == true)
        }
    }
}

private struct Same: FunctionHandler {
    init(_ context: HandlerContext) {}
    func call(_ input: Value) -> Value { input }
}

private struct Worker: ProcessHandler {
    init(_ context: HandlerContext) {}
    func run(_ process: ProcessContext) -> Int { 0 }
}
