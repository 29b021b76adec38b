import Testing
import Wippy
import WippyTesting

@testable import WippyTaskQueue

/// The Task Queue within the process: what its handlers do, together and each alone.
@Suite("The handlers of the Task Queue")
struct TaskTests {
    @Test("A task is taken on, done and listed", arguments: [true, false])
    func storesATask(usesSockets: Bool) async throws {
        try await TestApplication(handlers: TaskQueue.handlers, usesSockets: usesSockets) { app in
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
        try await TestApplication(handlers: TaskQueue.handlers) { app in
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
        let handlers = TaskQueue.handlers.filter { $0.name != "ProcessTask" } + [FailingTask.self]
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
