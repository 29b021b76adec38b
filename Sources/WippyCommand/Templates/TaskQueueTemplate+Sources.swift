// Written by 'make docs' from the applications themselves: Sources/TaskQueue, examples/lua-task-queue and what belongs to them.

import WippyCommandLine

extension ProjectTemplate {
    static let taskQueueSources = [
        File(
            path: "src/_index.yaml",
            text: ##"""
                # yaml-language-server: $schema=../schema.json
                version: "1.0"
                namespace: app

                entries:
                  # The SQLite database. A missing folder is created.
                  - name: db
                    kind: db.sql.sqlite
                    file: "./data/tasks.db"
                    lifecycle:
                      auto_start: true

                  # The driver that keeps the queue's messages.
                  - name: queue_driver
                    kind: queue.driver.memory
                    lifecycle:
                      auto_start: true

                  # A failed task is tried again after growing delays. After twenty attempts, some minutes later, it is put aside.
                  - name: tasks_queue
                    kind: queue.queue
                    driver: app:queue_driver
                    retry:
                      initial_delay: 100ms
                      max_delay: 30s
                    dead_letter:
                      queue: app:failed_tasks
                      max_attempts: 20

                  - name: failed_tasks
                    kind: queue.queue
                    driver: app:queue_driver

                  - name: gateway
                    kind: http.service
                    addr: ":8080"
                    health:
                      live: /livez
                      ready: /readyz
                    lifecycle:
                      auto_start: true

                  - name: router
                    kind: http.router
                    meta:
                      server: app:gateway

                  # Creates the table at each start, before the server accepts requests.
                  - name: migrate
                    kind: process.swift
                    handler: Migrate
                    uses:
                      db: app:db

                  - name: migrate-service
                    kind: process.service
                    process: app:migrate
                    host: app:processes
                    lifecycle:
                      auto_start: true

                  - name: processes
                    kind: process.host
                    lifecycle:
                      auto_start: true

                  - name: create_task
                    kind: function.swift
                    handler: CreateTask
                    uses:
                      tasks: app:tasks_queue

                  - name: list_tasks
                    kind: function.swift
                    handler: ListTasks
                    uses:
                      db: app:db

                  # Does the work of one task, which takes 100 ms.
                  - name: process_task
                    kind: function.swift
                    handler: ProcessTask
                    uses:
                      db: app:db

                  # Stores a task that was put aside, with the reason.
                  - name: store_failure
                    kind: function.swift
                    handler: StoreFailure
                    uses:
                      db: app:db

                  - name: create_task.endpoint
                    kind: http.endpoint
                    meta:
                      router: app:router
                      example: {action: uppercase, data: {text: hello}}
                    method: POST
                    path: /tasks
                    func: app:create_task

                  - name: list_tasks.endpoint
                    kind: http.endpoint
                    meta:
                      router: app:router
                    method: GET
                    path: /tasks
                    func: app:list_tasks

                  # Two workers take tasks from the queue.
                  - name: task_consumer
                    kind: queue.consumer
                    queue: app:tasks_queue
                    func: app:process_task
                    concurrency: 2
                    prefetch: 5
                    lifecycle:
                      auto_start: true

                  - name: failure_consumer
                    kind: queue.consumer
                    queue: app:failed_tasks
                    func: app:store_failure
                    lifecycle:
                      auto_start: true

                """##),
        File(
            path: "Sources/{{MODULE}}/CreateTask.swift",
            text: ##"""
                import Wippy

                /// `POST /tasks`: puts a task on the queue.
                struct CreateTask: HTTPHandler {
                    private let tasks: Queue

                    init(_ context: HandlerContext) throws {
                        tasks = try context.queue("tasks")
                    }

                    func handle(_ request: HTTPRequest) async throws -> HTTPResponse {
                        let body = try await body(of: request)
                        guard let action = body["action"]?.string else { throw HTTPError(.badRequest, "action required") }
                        var data = body["data"] ?? .null
                        if data.isNull { data = [:] }
                        let id = Value.string("\(UniqueID.v4())")
                        try await tasks.publish([
                            "action": .string(action), "created_at": .integer(UnixTime.now), "data": data, "id": id,
                        ])
                        return try .json(["id": id, "status": "queued"], status: .accepted)
                    }

                    /// Returns the body.
                    ///
                    /// - Throws: ``HTTPError`` with status 400 when the body is not JSON. The answer has only the message.
                    private func body(of request: HTTPRequest) async throws -> Value {
                        do {
                            return try await request.json()
                        } catch let error as HTTPError where error.status == .badRequest {
                            throw HTTPError(.badRequest, error.message)
                        }
                    }
                }

                """##),
        File(
            path: "Sources/{{MODULE}}/ListTasks.swift",
            text: ##"""
                import Wippy

                /// `GET /tasks`: returns the hundred newest results, or the newest results with one status.
                struct ListTasks: HTTPHandler {
                    private static let newest = SelectRows("id", "payload", "status", "result", "created_at", "processed_at")
                        .from("tasks").orderBy("created_at DESC").limit(100)

                    private let database: Database

                    init(_ context: HandlerContext) throws {
                        database = try context.database("db")
                    }

                    func handle(_ request: HTTPRequest) async throws -> HTTPResponse {
                        var tasks = Self.newest
                        if let status = request.query("status") { tasks = tasks.where(.equal("status", status)) }
                        let rows = try await database.json(tasks)
                        return .json(encoded: Array("{\"count\":\(rows.count),\"tasks\":".utf8) + rows.bytes + Array("}".utf8))
                    }
                }

                """##),
        File(
            path: "Sources/{{MODULE}}/Migrate.swift",
            text: ##"""
                import Wippy

                /// Creates the table at the first start.
                ///
                /// Later starts find it there.
                struct Migrate: ProcessHandler {
                    private let database: Database
                    private let log: Log

                    init(_ context: HandlerContext) throws {
                        database = try context.database("db")
                        log = context.log
                    }

                    func run(_ process: ProcessContext) async throws -> Int {
                        try await database.execute(
                            script:
                                """
                                CREATE TABLE IF NOT EXISTS tasks (
                                    id TEXT PRIMARY KEY,
                                    payload TEXT NOT NULL,
                                    status TEXT NOT NULL DEFAULT 'pending',
                                    result TEXT,
                                    created_at INTEGER NOT NULL,
                                    processed_at INTEGER
                                );
                                CREATE INDEX IF NOT EXISTS tasks_created_at ON tasks (created_at);
                                """)
                        log.info("migration complete")
                        return 0
                    }
                }

                """##),
        File(
            path: "Sources/{{MODULE}}/ProcessTask.swift",
            text: ##"""
                import Wippy

                /// Handles a task from the queue: it does the task's work and stores the result.
                ///
                /// A task is delivered at least once, so it can be stored twice. The second time changes nothing.
                struct ProcessTask: MessageHandler {
                    struct Config: EntryConfig {
                        let delay: Duration

                        init(from fields: inout FieldReader) {
                            delay = fields.optional(
                                "delay", default: .milliseconds(100), in: .zero ... .seconds(3600), "The time that the work takes.")
                        }
                    }

                    private static let store: SQL = """
                        INSERT INTO tasks (id, payload, status, result, created_at, processed_at)
                        VALUES (?, ?, 'completed', ?, ?, ?)
                        ON CONFLICT (id) DO NOTHING
                        """

                    private let database: Database
                    private let clock: any RuntimeClock
                    private let delay: Duration

                    init(_ context: HandlerContext) throws {
                        database = try context.database("db")
                        clock = context.clock
                        delay = try context.config(Config.self).delay
                    }

                    func handle(_ task: Value, _ delivery: Delivery) async throws {
                        try await clock.sleep(for: delay)
                        let result = JSON.text(of: ["output": output(of: task)])
                        try await database.execute(
                            Self.store, [task["id"], JSON.text(of: task), result, task["created_at"], UnixTime.now])
                    }

                    private func output(of task: Value) -> Value {
                        let data = task["data"]
                        switch task["action"]?.string {
                        case "uppercase": return .string((data?["text"]?.string ?? "").uppercased())
                        case "sum": return sum(of: data?["numbers"]?.list ?? [])
                        default: return "processed"
                        }
                    }

                    /// Returns the sum of numbers.
                    ///
                    /// It is whole if all numbers are whole and the sum fits 64 bits; otherwise it is a float.
                    private func sum(of numbers: [Value]) -> Value {
                        var whole: Int? = 0
                        var total = 0.0
                        for number in numbers {
                            let (value, isWhole) = (number.float ?? 0, number.integer)
                            total += value
                            whole = whole.flatMap { sum in
                                isWhole.flatMap { next in
                                    let (result, overflow) = sum.addingReportingOverflow(next)
                                    return overflow ? nil : result
                                }
                            }
                        }
                        return whole.map(Value.integer) ?? .float(total)
                    }
                }

                """##),
        File(
            path: "Sources/{{MODULE}}/StoreFailure.swift",
            text: ##"""
                import Wippy

                /// Stores a task that failed too often, with the reason.
                ///
                /// `GET /tasks?status=failed` lists it.
                struct StoreFailure: MessageHandler {
                    private static let store: SQL = """
                        INSERT INTO tasks (id, payload, status, result, created_at, processed_at)
                        VALUES (?, ?, 'failed', ?, ?, ?)
                        ON CONFLICT (id) DO NOTHING
                        """

                    private let database: Database

                    init(_ context: HandlerContext) throws {
                        database = try context.database("db")
                    }

                    func handle(_ task: Value, _ delivery: Delivery) async throws {
                        let reason = delivery.message.headers[MessageHeader.deadLetterReason] ?? .null
                        try await database.execute(
                            Self.store,
                            [task["id"], JSON.text(of: task), JSON.text(of: ["error": reason]), task["created_at"], UnixTime.now])
                    }
                }

                """##),
        File(
            path: "Sources/{{MODULE}}/{{MODULE}}.swift",
            text: ##"""
                import Wippy
                import WippyCommand

                @main
                struct {{MODULE}} {
                    static let handlers: [any Handler.Type] = [
                        CreateTask.self, ListTasks.self, Migrate.self, ProcessTask.self, StoreFailure.self,
                    ]

                    static func main() async {
                        await Application.main(handlers: handlers)
                    }
                }

                """##),
        File(
            path: "Tests/{{MODULE}}Tests/TaskTests.swift",
            text: ##"""
                import Testing
                import Wippy
                import WippyTesting

                @testable import {{MODULE}}

                /// The Task Queue within the process: what its handlers do, together and each alone.
                @Suite("The handlers of the Task Queue")
                struct TaskTests {
                    @Test("A task is taken on, done and listed", arguments: [true, false])
                    func storesATask(usesSockets: Bool) async throws {
                        try await TestApplication(handlers: {{MODULE}}.handlers, usesSockets: usesSockets) { app in
                            let answer = try await app.post("/tasks", json: ["action": "uppercase", "data": ["text": "é"]])
                            #expect(answer.status == 202)
                            try await app.settled()
                            let tasks = try await app.get("/tasks?status=completed").json(as: TaskList.self)
                            #expect(tasks.tasks.map(\.result) == [#"{"output":"É"}"#])
                            #expect(try app.published("app:tasks_queue").map { $0.body["action"] } == ["uppercase"])
                        }
                    }

                    @Test("What is no task is refused and not published")
                    func refusesWhatIsNoTask() async throws {
                        try await TestApplication(handlers: {{MODULE}}.handlers) { app in
                            for (body, error) in [
                                ("{", "invalid JSON"), ("", "invalid JSON"), ("{}", "action required"), ("null", "action required"),
                            ] {
                                let answer = try await app.send(.post, "/tasks", body: Array(body.utf8))
                                #expect(answer.status == 400 && answer.text == #"{"error":"\#(error)"}"#)
                            }
                            #expect(try app.published("app:tasks_queue").isEmpty)
                        }
                    }

                    @Test("A handler alone: a task is published")
                    func publishes() async throws {
                        let queue = StandInQueue()
                        let handler = try CreateTask(.standIn(queues: ["tasks": queue]))
                        let answer = try await handler.handle(.post("/tasks", json: ["action": "sum"]))
                        #expect(answer.status == .accepted)
                        #expect(queue.published.map { $0.body["action"] } == ["sum"])
                    }

                    @Test("A handler alone: a task is done once, however often it comes")
                    func storesOnce() async throws {
                        let database = try await StandInDatabase()
                        let migration = try Migrate(.standIn(databases: ["db": database]))
                        #expect(try await migration.run(.standIn()) == 0)
                        let handler = try ProcessTask(.standIn(databases: ["db": database], config: ["delay": "0s"]))
                        let task: Value = ["id": "1", "action": "sum", "data": ["numbers": [1, 2.5]], "created_at": 7]
                        for attempt in 1...2 { try await handler.handle(task, .standIn(task, attempt: attempt)) }
                        let results = try await database.query("SELECT result FROM tasks", as: String.self)
                        #expect(results == [#"{"output":3.5}"#])
                    }

                    @Test("A task that fails every time is tried twenty times, and listed with its reason")
                    func putsAside() async throws {
                        let handlers = {{MODULE}}.handlers.filter { $0.name != "ProcessTask" } + [FailingTask.self]
                        try await TestApplication(handlers: handlers) { app in
                            _ = try await app.post("/tasks", json: ["action": "sum"])
                            while try app.published("app:failed_tasks").isEmpty {
                                try await app.settled()
                                app.clock.advance(by: .seconds(30))
                            }
                            try await app.settled()
                            #expect(try app.published("app:failed_tasks").map { $0.headers["x_attempts"] } == [20])
                            let tasks = try await app.get("/tasks?status=failed").json(as: TaskList.self)
                            #expect(tasks.tasks.map(\.result) == [#"{"error":"out of luck"}"#])
                        }
                    }

                    /// Takes the place of the handler that does the work.
                    private struct FailingTask: MessageHandler {
                        static let name = "ProcessTask"

                        init(_ context: HandlerContext) {}

                        func handle(_ task: Value, _ delivery: Delivery) throws {
                            throw WippyError(.unavailable, "out of luck")
                        }
                    }

                    private struct TaskList: Decodable {
                        struct Row: Decodable { let result: String }
                        let tasks: [Row]
                    }
                }

                """##),
    ]

    static let taskQueueScripts = [
        File(
            path: "src/_index.yaml",
            text: ##"""
                # yaml-language-server: $schema=../schema.json
                version: "1.0"
                namespace: app

                entries:
                  - name: db
                    kind: db.sql.sqlite
                    file: ./data/tasks.db
                    lifecycle:
                      auto_start: true

                  - name: queue_driver
                    kind: queue.driver.memory
                    lifecycle:
                      auto_start: true

                  # A failed task is tried again after growing delays, and put aside after the fifth attempt.
                  - name: tasks
                    kind: queue.queue
                    driver: app:queue_driver
                    dead_letter:
                      queue: app:failed_tasks
                      max_attempts: 5

                  - name: failed_tasks
                    kind: queue.queue
                    driver: app:queue_driver

                  - name: gateway
                    kind: http.service
                    addr: ":8080"
                    health:
                      live: /livez
                      ready: /readyz
                    lifecycle:
                      auto_start: true

                  - name: router
                    kind: http.router
                    meta:
                      server: app:gateway

                  - name: processes
                    kind: process.host
                    lifecycle:
                      auto_start: true

                  # Creates the table at each start, before the server accepts requests.
                  - name: schema
                    kind: process.lua
                    source: file://schema.lua
                    modules: [sql]

                  - name: schema.service
                    kind: process.service
                    process: app:schema
                    host: app:processes
                    lifecycle:
                      auto_start: true

                  - name: add
                    kind: function.lua
                    source: file://add.lua
                    modules: [http, queue, uuid, time]

                  - name: list
                    kind: function.lua
                    source: file://list.lua
                    modules: [http, sql]

                  - name: work
                    kind: function.lua
                    source: file://work.lua
                    modules: [queue, sql, json, logger, time]

                  # Stores a task that was put aside, with the reason.
                  - name: put_aside
                    kind: function.lua
                    source: file://put_aside.lua
                    modules: [queue, sql, json, time]

                  - name: add.endpoint
                    kind: http.endpoint
                    meta:
                      router: app:router
                      example: {action: uppercase, data: {text: hello}}
                    method: POST
                    path: /tasks
                    func: app:add

                  - name: list.endpoint
                    kind: http.endpoint
                    meta:
                      router: app:router
                    method: GET
                    path: /tasks
                    func: app:list

                  - name: worker
                    kind: queue.consumer
                    queue: app:tasks
                    func: app:work
                    concurrency: 4
                    lifecycle:
                      auto_start: true

                  - name: failures
                    kind: queue.consumer
                    queue: app:failed_tasks
                    func: app:put_aside
                    lifecycle:
                      auto_start: true

                """##),
        File(
            path: "src/tests/_index.yaml",
            text: ##"""
                # yaml-language-server: $schema=../../schema.json
                version: "1.0"
                namespace: app.tests

                entries:
                  # 'wippy-swift test' runs it beside the application.
                  - name: run
                    kind: process.lua
                    meta:
                      command:
                        name: test
                        short: Run every test
                        use_case: test
                    source: file://run.lua
                    modules: [io, queue, sql, json, time, uuid]

                  - name: terminal
                    kind: terminal.host
                    lifecycle:
                      auto_start: true

                """##),
        File(
            path: "src/add.lua",
            text: ##"""
                local http = require("http")
                local queue = require("queue")
                local uuid = require("uuid")

                local function add()
                    local request, response = http.request(), http.response()
                    local body, err = request:body_json()
                    if err or type(body) ~= "table" or type(body.action) ~= "string" then
                        response:set_status(http.STATUS.BAD_REQUEST)
                        response:write_json({error = err and "invalid JSON" or "action required"})
                        return
                    end

                    local task = {id = uuid.v7(), action = body.action, data = body.data}
                    local _, refused = queue.publish("app:tasks", task)
                    if refused then
                        -- The client can try again after a temporary error.
                        response:set_status(http.STATUS.SERVICE_UNAVAILABLE)
                        response:write_json({error = "the queue is full"})
                        return
                    end
                    response:set_status(http.STATUS.ACCEPTED)
                    response:write_json({id = task.id})
                end

                return add

                """##),
        File(
            path: "src/list.lua",
            text: ##"""
                local http = require("http")
                local sql = require("sql")

                local function list()
                    local request, response = http.request(), http.response()
                    local db, err = sql.get("app:db")
                    if err then
                        return nil, err
                    end
                    local select = sql.builder.select("id", "action", "status", "result", "attempts", "finished_at")
                        :from("tasks")
                        :order_by("finished_at DESC", "id")
                        :limit(100)
                    for _, name in ipairs({"action", "status"}) do
                        local wanted = request:query(name)
                        if wanted then
                            select = select:where({[name] = wanted})
                        end
                    end
                    local tasks, failed = select:run_with(db):query()
                    db:release()
                    if failed then
                        return nil, failed
                    end
                    response:write_json({tasks = tasks, count = #tasks})
                end

                return list

                """##),
        File(
            path: "src/put_aside.lua",
            text: ##"""
                local json = require("json")
                local queue = require("queue")
                local sql = require("sql")
                local time = require("time")

                -- The headers of the queue hold the reason and the number of attempts.
                local function put_aside(task)
                    local message = queue.message()
                    local reason = message:header("x_dead_letter_reason")
                    local attempts = message:header("x_attempts")

                    local db, err = sql.get("app:db")
                    if err then
                        return nil, err
                    end
                    local _, failed = db:execute(
                        "INSERT OR IGNORE INTO tasks (id, action, status, result, attempts, finished_at) VALUES (?, ?, ?, ?, ?, ?)",
                        {task.id, task.action, "failed", json.encode({error = reason}), attempts, time.now():unix()})
                    db:release()
                    if failed then
                        return nil, failed
                    end
                end

                return {main = put_aside}

                """##),
        File(
            path: "src/schema.lua",
            text: ##"""
                local sql = require("sql")

                -- A process. It is done when it returns nothing or 0. After an error its service starts it again.
                local function main()
                    local db, err = sql.get("app:db")
                    if err then
                        error(err)
                    end
                    local _, failed = db:execute([[
                        CREATE TABLE IF NOT EXISTS tasks (
                            id TEXT PRIMARY KEY,
                            action TEXT NOT NULL,
                            status TEXT NOT NULL,
                            result TEXT NOT NULL,
                            attempts INTEGER NOT NULL,
                            finished_at INTEGER NOT NULL
                        )
                    ]])
                    db:release()
                    if failed then
                        error(failed)
                    end
                end

                return {main = main}

                """##),
        File(
            path: "src/tests/run.lua",
            text: ##"""
                local io = require("io")
                local json = require("json")
                local queue = require("queue")
                local sql = require("sql")
                local time = require("time")
                local uuid = require("uuid")

                -- Publishes a task and waits up to ten seconds for its row.
                local function finished(action: string, data: any): any
                    local id = uuid.v7()
                    assert(queue.publish("app:tasks", {id = id, action = action, data = data}))
                    local db = assert(sql.get("app:db"))
                    for _ = 1, 1000 do
                        local rows = assert(db:query("SELECT status, result, attempts FROM tasks WHERE id = ?", {id}))
                        if rows[1] then
                            return rows[1]
                        end
                        time.sleep("10ms")
                    end
                    error("the task has no row after ten seconds")
                end

                -- Each test has a name and a function, which raises an error if the test fails.
                local tests = {
                    {"a task is done, and its result is stored", function()
                        local task = finished("uppercase", {text = "hello"})
                        assert(task.status == "completed" and json.decode(task.result).output == "HELLO", task.result)
                    end},
                    {"a task with an unknown action is tried five times and put aside", function()
                        local task = finished("dance")
                        assert(task.status == "failed" and task.attempts == 5, task.status)
                        assert(task.result:find("no action 'dance'", 1, true), task.result)
                    end},
                }

                -- Returns the number of failed tests, which becomes the exit status.
                local function main(): integer
                    local failures = 0
                    for _, test in ipairs(tests) do
                        local sentence, run = test[1], test[2]
                        local passed, reason = pcall(run)
                        if passed then
                            io.print("passed", sentence)
                        else
                            failures = failures + 1
                            io.print("FAILED", sentence, reason)
                        end
                    end
                    io.print(#tests - failures .. " passed, " .. failures .. " failed")
                    return failures
                end

                return {main = main}

                """##),
        File(
            path: "src/work.lua",
            text: ##"""
                local json = require("json")
                local logger = require("logger")
                local queue = require("queue")
                local sql = require("sql")
                local time = require("time")

                local actions = {
                    uppercase = function(data)
                        return string.upper(data.text)
                    end,
                    sum = function(data)
                        local total = 0
                        for _, number in ipairs(data.numbers) do
                            total = total + number
                        end
                        return total
                    end,
                }

                -- If the function returns false or an error, or raises one, the message is tried again.
                local function work(task)
                    local attempt = queue.message():attempt()
                    local action = actions[task.action]
                    if not action then
                        return nil, "there is no action '" .. task.action .. "'"
                    end
                    local result = action(task.data or {})

                    local db, err = sql.get("app:db")
                    if err then
                        return nil, err
                    end
                    -- A message may come again after its work was done, so the same task is stored only once.
                    local _, failed = db:execute(
                        "INSERT OR IGNORE INTO tasks (id, action, status, result, attempts, finished_at) VALUES (?, ?, ?, ?, ?, ?)",
                        {task.id, task.action, "completed", json.encode({output = result}), attempt, time.now():unix()})
                    db:release()
                    if failed then
                        return nil, failed
                    end
                    logger:info("task done", {id = task.id, action = task.action})
                end

                return {main = work}

                """##),
    ]
}
