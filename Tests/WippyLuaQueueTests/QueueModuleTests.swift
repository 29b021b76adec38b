import LuaEngine
import Testing
import Wippy
import WippyTesting

/// Scripts that publish and handle messages.
@Suite("Messages in Lua")
struct QueueModuleTests {
    @Test("A message is handled, or tried again after false, an error and a raised error, each counted")
    func handlesMessages() async throws {
        let project = """
            namespace: app
            entries:
              - {name: driver, kind: queue.driver.memory, lifecycle: {auto_start: true}}
              - {name: work, kind: queue.queue, driver: driver, dead_letter: {queue: dead, max_attempts: 2}}
              - {name: dead, kind: queue.queue, driver: driver}
              - name: handle
                kind: function.lua
                method: main
                modules: [queue, logger]
                source: |
                  local queue, logger = require("queue"), require("logger")
                  return {main = function(task)
                      local msg = queue.message()
                      local attempt = msg:attempt()
                      logger:info("got", {n = task.n, how = task.how, attempt = attempt, again = msg:header("again")})
                      if task.how == "false" then return false end
                      if task.how == "error" then return nil, "not now" end
                      if task.how == "raise" then error("boom") end
                      if task.how == "nack" then msg:nack() end
                      if task.how == "forward" then
                          local info = queue.info("app:work")
                          logger:info("figures", {claimed = info.claimed, paused = info.paused, dead = info.dead})
                          local ok, err = queue.publish("app:work", {n = task.n + 1}, table.freeze({again = true}))
                          return ok, err
                      end
                  end}
              - {name: consumer, kind: queue.consumer, queue: work, func: handle, lifecycle: {auto_start: true}}
            """
        try await TestApplication(project: .definitions(project), handlers: []) { app in
            let queue = try app.queue("app:work")
            for how in ["false", "error", "raise", "nack", "forward"] {
                try await queue.publish(["n": 1, "how": .string(how)])
            }
            while try app.published("app:dead").count < 4 {
                try await app.settled()
                app.clock.advance(by: .seconds(60))
            }
            let reasons = try app.published("app:dead").compactMap { $0.headers["x_dead_letter_reason"]?.string }
            #expect(
                reasons.map { $0.contains("boom") ? "boom" : $0 }.sorted() == [
                    "boom", "not now", "the script rejected the message", "the script returned false",
                ])
            let forwarded = try app.published("app:work").last
            #expect(forwarded?.body["n"] == 2 && forwarded?.headers["again"] == .bool(true))
            let handled = app.log.records.filter { $0.message == "got" }
            #expect(handled.contains { $0.metadata["again"] == true && $0.metadata["attempt"] == 1 })
            #expect(handled.filter { $0.metadata["how"] == "raise" }.map { $0.metadata["attempt"] } == [1, 2])
            #expect(
                app.log.records.contains {
                    $0.message == "figures" && $0.metadata["claimed"] == 1 && $0.metadata["paused"] == false
                })
        }
    }

    @Test("The example stores the number of the attempt by which a task was done")
    func attemptsOfExample() async throws {
        try await TestApplication(project: .folder("examples/lua-task-queue"), handlers: []) { app in
            let database = try app.database("app:db")
            try await database.execute("ALTER TABLE tasks RENAME TO elsewhere")
            try await app.queue("app:tasks").publish(["id": "a", "action": "uppercase", "data": ["text": "x"]])
            try await app.settled()
            try await database.execute("ALTER TABLE elsewhere RENAME TO tasks")
            app.clock.advance(by: .seconds(60))
            try await app.settled()
            let failures = app.log.messages.count { $0 == "a message handler failed" }
            #expect(failures > 0)
            #expect(try await database.query("SELECT attempts FROM tasks", as: Int.self) == [failures + 1])
        }
    }

    @Test("The number of dead letters is nil if another driver has their queue")
    func unknownFigure() async throws {
        let project = """
            namespace: app
            entries:
              - {name: memory, kind: queue.driver.memory, lifecycle: {auto_start: true}}
              - {name: db, kind: db.sql.sqlite, file: ":memory:", lifecycle: {auto_start: true}}
              - {name: sql, kind: queue.driver.sql, database: db, lifecycle: {auto_start: true}}
              - {name: foreign, kind: queue.queue, driver: memory, dead_letter: {queue: letters}}
              - {name: own, kind: queue.queue, driver: sql, dead_letter: {queue: letters}}
              - {name: letters, kind: queue.queue, driver: sql}
              - name: figures
                kind: function.lua
                modules: [queue]
                source: |
                  local queue = require("queue")
                  return function()
                      local foreign, own = queue.info("app:foreign"), queue.info("app:own")
                      return {isKnown = foreign.dead ~= nil, ready = foreign.ready, own = own.dead}
                  end
            """
        try await TestApplication(project: .definitions(project), handlers: []) { app in
            let figures = try await app.function("app:figures").call(.null)
            #expect(figures == ["isKnown": false, "ready": 0, "own": 0])
        }
    }

    @Test("A module acknowledges a message, whatever the script returns, and only once", arguments: [true, false])
    func settles(isAcknowledged: Bool) async throws {
        let settled = ScriptModule(
            "settled",
            [
                .function("now") { stack in
                    guard let delivery = try stack.call.handledDelivery else { return stack.fail(.notFound("none")) }
                    return stack.succeed(delivery.settle(asAcknowledged: isAcknowledged))
                }
            ])
        let project = """
            namespace: app
            entries:
              - {name: memory, kind: queue.driver.memory, lifecycle: {auto_start: true}}
              - {name: tasks, kind: queue.queue, driver: memory, dead_letter: {queue: dead, max_attempts: 1}}
              - {name: dead, kind: queue.queue, driver: memory}
              - {name: consumer, kind: queue.consumer, queue: tasks, func: f, lifecycle: {auto_start: true}}
              - name: f
                kind: function.lua
                modules: [logger, settled]
                source: |
                  return function()
                    logger:info(tostring(settled.now()) .. " " .. tostring(settled.now()))
                    return \(!isAcknowledged)
                  end
            """
        try await TestApplication(project: .definitions(project), handlers: [], kinds: .standard + [settled]) { app in
            try await app.queue("app:tasks").publish("a task")
            try await app.settled()
            #expect(try app.published("app:dead").count == (isAcknowledged ? 0 : 1))
            #expect(app.log.records.map(\.message).contains("true false"))
        }
    }

    @Test(
        "A program without this target has neither the module nor consumers with functions in Lua",
        arguments: [
            ("", "which is not a function that handles messages"),
            ("queue", "'modules[0]' names 'queue', which is not a module"),
        ])
    func isApart(modules: String, problem: String) throws {
        let folder = try TemporaryFolder()
        let project = """
            namespace: app
            entries:
              - {name: memory, kind: queue.driver.memory, lifecycle: {auto_start: true}}
              - {name: tasks, kind: queue.queue, driver: memory}
              - {name: consumer, kind: queue.consumer, queue: tasks, func: f, lifecycle: {auto_start: true}}
              - {name: f, kind: function.lua, modules: [\(modules)], source: return function() end}
            """
        try folder.write(project, to: "src/_index.yaml")
        let few = QueueKinds.all + LuaKinds.all
        func problems(_ kinds: [any ProgramPart]) -> [String] {
            Application(project: folder.path, handlers: [], kinds: kinds).check().report.diagnostics.map(\.message)
        }
        let found = problems(few)
        #expect(found.count == 1 && found.allSatisfy { $0.contains(problem) }, "\(found)")
        #expect(problems(few + LuaQueueModules.all) == [])
    }
}
