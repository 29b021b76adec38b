import Synchronization
import Testing
import WippyDefinition
import WippyMessaging
import WippyRuntime
import WippySQL
import WippyTesting
import WippyValues

@testable import WippySQLQueue

@Suite("A queue around a durable queue", .timeLimit(.minutes(15)))
struct WrappedQueueTests {
    private struct Refused: Error {}

    /// Marks the messages that are published, and notes the accepted ones.
    private struct Stamping: WrappingQueue {
        let wrapped: any MessageQueue
        let stamp: String
        let accepted = Noted()

        func willPublish(_ message: Message) -> Message {
            var message = message
            message.headers["stamp"] = .string((message.headers["stamp"]?.string ?? "") + stamp)
            return message
        }

        func didAccept(_ message: Message) { accepted.messages.withLock { $0.append(message) } }
    }

    private final class Noted: Sendable {
        let messages = Mutex<[Message]>([])
    }

    private let folder: TemporaryFolder
    private let clock = TestClock()
    private let bench: SQLQueueBench

    init() throws {
        folder = try TemporaryFolder()
        bench = SQLQueueBench(file: "\(folder.path)/queue.db", clock: clock)
    }

    @Test("It changes and sees a message that is accepted, however it is published, and none that the queue drops")
    func accepted() async throws {
        let inner = Stamping(wrapped: bench.queue(), stamp: "i")
        let queue = Stamping(wrapped: inner, stamp: "o")
        func seen() -> [Value] { queue.accepted.messages.withLock { $0.map(\.body) } }
        try await bench.running {
            for _ in 0..<2 { try await queue.publish(Message(body: 1, headers: ["unique": "a"])) }
            #expect(seen() == [1])
            await #expect(throws: Refused.self) {
                try await bench.database.transaction { transaction in
                    try await transaction.publish(Message(body: 2), to: queue)
                    throw Refused()
                }
            }
            try await bench.database.transaction { transaction in
                let isKept = try await transaction.publish(Message(body: 2, headers: ["unique": "a"]), to: queue)
                #expect(!isKept)
            }
            #expect(seen() == [1])
            try await bench.database.transaction { transaction in
                let isKept = try await transaction.publish(Message(body: 2), to: queue)
                #expect(isKept)
                #expect(seen() == [1], "the transaction has not committed")
            }
            #expect(seen() == [1, 2])
            let id = EntryID(namespace: "app", name: "nightly")
            let mark = ScheduleMark(second: 60, definition: "every 60s")
            let store = try #require(queue.scheduleStore)
            #expect(try await store.move(id, from: nil, to: mark, publishing: Message(body: 3)) == .published)
            #expect(seen() == [1, 2, 3])
            let next = ScheduleMark(second: 120, definition: "every 60s")
            let dropped = Message(body: 4, headers: ["unique": "a"])
            #expect(try await store.move(id, from: mark, to: next, publishing: dropped) == .moved)
            #expect(try await store.mark(of: id) == next)
            #expect(seen() == [1, 2, 3])
            let kept = try await bench.queue().peek(atMost: 10).map(\.message.headers["stamp"])
            #expect(kept == ["oi", "oi", "oi"])
            #expect(inner.accepted.messages.withLock { $0.map(\.body) } == [1, 2, 3])
        }
    }

    @Test("A message that expires or becomes a dead letter in another driver's queue leaves its queue")
    func withoutWork() async throws {
        let other = SQLQueueBench(file: "\(folder.path)/other.db", clock: clock)
        try await other.running {
            let dead = other.queue("dead")
            var settings = QueueSettings.standard
            settings.deadLetterMaxAttempts = 1
            let (expiring, failing) = (bench.queue("expiring"), bench.queue("failing", settings, deadLetters: dead))
            try await bench.running {
                try await expiring.publish(Message(body: 1, headers: ["ttl": "1s"]))
                clock.advance(by: .seconds(2))
                #expect(try await expiring.claim(1)?.claimed == 1)
                #expect(try await expiring.count.total == 0)
                try await failing.publish(Message(body: 2))
                let subscription = failing.subscribe(prefetch: 1)
                let delivery = try #require(try await subscription.next())
                try await subscription.settle(delivery, .rejected(reason: "no"))
                #expect(try await dead.count.ready == 1)
                #expect(try await failing.count.total == 0)
                await subscription.close()
            }
        }
    }

    @Test(
        "The settlement of a message whose claim was lost counts as one lost claim",
        arguments: [Settlement.acknowledged, .rejected(reason: "no"), .returned], [nil, "same", "another"])
    func lostClaim(_ settlement: Settlement, driverOfDeadLetters: String?) async throws {
        let another = SQLQueueBench(file: "\(folder.path)/other.db", clock: clock)
        var settings = QueueSettings.standard
        settings.deadLetterMaxAttempts = 1
        let dead = driverOfDeadLetters.map { ($0 == "same" ? bench : another).queue("dead") }
        let queue = bench.queue("tasks", settings, deadLetters: dead)
        try await bench.running {
            try await queue.publish(Message(body: 1))
            let subscription = queue.subscribe(prefetch: 1)
            let delivery = try #require(try await subscription.next())
            try await bench.database.execute("UPDATE wippy_queue_messages SET owner = owner + 1")
            #expect(try await !subscription.settle(delivery, settlement))
            #expect(queue.lostClaims.value == 1)
            await subscription.close()
        }
    }
}
