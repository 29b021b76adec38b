import Synchronization
import Testing
import Wippy
import WippyMessaging
import WippyRunningApplication
import WippyTesting

@testable import WippyRuntime

@Suite("A queue over a reload with another driver", .timeLimit(.minutes(15)))
struct MovedQueueTests {
    private static let tasks = EntryID(namespace: "app", name: "tasks")

    private static func index(_ file: String, driver: String, handler: String? = nil) -> String {
        let consumer = """
              - {name: work, kind: function.swift, handler: \(handler ?? "")}
              - {name: consumer, kind: queue.consumer, queue: tasks, func: work, lifecycle: {auto_start: true}}
            """
        return """
            namespace: app
            entries:
              - {name: db, kind: db.sql.sqlite, file: "\(file)", lifecycle: {auto_start: true}}
              - {name: driver, kind: \(driver), lifecycle: {auto_start: true}}
              - {name: tasks, kind: queue.queue, driver: driver, retry: {initial_delay: 1h, max_delay: 1h, jitter: 0}}
            \(handler == nil ? "" : consumer)

            """
    }

    @Test("Its messages go over with their order, attempts and times, from memory to tables and back")
    func moved() async throws {
        let folder = try TemporaryFolder()
        let file = folder.file("queue.db")
        let (memory, tables) = ("queue.driver.memory", "queue.driver.sql, database: db")
        let application = try RunningApplication(
            Self.index(file, driver: memory, handler: "Fail"), [Fail.self, Note.self])
        let registry = application.application.registry
        func queue() throws -> any MessageQueue {
            try #require(registry.link(to: Self.tasks, as: .queue)?.target)
        }
        try await eventually("the queue is there") { registry.link(to: Self.tasks, as: .queue) != nil }
        try await queue().publish(Message(body: "late"))
        try await eventually("it waits for its next attempt") { try await queue().count.delayed == 1 }

        try await application.reload(Self.index(file, driver: memory))
        for word in ["a", "b", "c"] as [Value] { try await queue().publish(Message(body: word)) }
        let whole = MessageCount(ready: 3, delayed: 1, claimed: 0)
        for driver in [tables, memory, tables] {
            try await application.reload(Self.index(file, driver: driver))
            #expect(try await queue().count == whole)
        }
        let kept = try await #require(queue().ability((any AdministeredQueue).self)).peek(atMost: 10)
        #expect(kept.map(\.message.body) == ["a", "b", "c", "late"])
        #expect(kept.map(\.message.attempts) == [0, 0, 0, 1])
        #expect(try #require(kept.last).delay > .seconds(3000))

        try await application.reload(Self.index(file, driver: memory, handler: "Note"))
        try await eventually("they are handled") { Note.words.withLock { $0.count } == 3 }
        #expect(Note.words.withLock { $0 } == ["a", "b", "c"])
        try await application.stop()
    }
}

private struct Fail: MessageHandler {
    init(_ context: HandlerContext) {}

    func handle(_ word: Value, _ delivery: Delivery) async throws { throw WippyError(.invalid, "no") }
}

private struct Note: MessageHandler {
    static let words = Mutex<[Value]>([])

    init(_ context: HandlerContext) {}

    func handle(_ word: Value, _ delivery: Delivery) async throws { Self.words.withLock { $0.append(word) } }
}
