import Synchronization
import Testing
import WippyDefinition
import WippyMessaging
import WippyRuntime
import WippySQL
import WippyTesting

@testable import WippySQLQueue

@Suite("The observer of a durable queue", .timeLimit(.minutes(15)))
struct MessageObserverTests {
    private struct Refused: Error {}

    /// Notes the points that messages pass.
    private final class Trace: MessageObserver {
        let points = Mutex<[MessagePoint]>([])

        func publishing(_ message: Message) -> Message { message }

        func passes(_ point: MessagePoint, attempt: Int) { points.withLock { $0.append(point) } }
    }

    private let folder: TemporaryFolder
    private let clock = TestClock()
    private let trace = Trace()
    private let bench: SQLQueueBench

    init() throws {
        folder = try TemporaryFolder()
        bench = SQLQueueBench(file: "\(folder.path)/queue.db", clock: clock, observer: trace)
    }

    private var points: [MessagePoint] { trace.points.withLock { $0 } }

    @Test("It sees a message that is accepted, however it is published, and none that the queue drops")
    func accepted() async throws {
        let queue = bench.queue()
        try await bench.running {
            for _ in 0..<2 { try await queue.publish(Message(body: 1, headers: ["unique": "a"])) }
            #expect(points == [.accepted])
            await #expect(throws: Refused.self) {
                try await bench.database.transaction { transaction in
                    try await transaction.publish(Message(body: 2), to: queue)
                    throw Refused()
                }
            }
            try await bench.database.transaction { transaction in
                try await transaction.publish(Message(body: 2, headers: ["unique": "a"]), to: queue)
            }
            #expect(points == [.accepted])
            try await bench.database.transaction { transaction in
                try await transaction.publish(Message(body: 2), to: queue)
                #expect(points == [.accepted], "the transaction has not committed")
            }
            #expect(points == [.accepted, .accepted])
            let id = EntryID(namespace: "app", name: "nightly")
            let mark = ScheduleMark(second: 60, definition: "every 60s")
            #expect(try await queue.move(id, from: nil, to: mark, publishing: Message(body: 3)))
            #expect(points == [.accepted, .accepted, .accepted])
        }
    }

    @Test("It sees a message that a handler has done, and then one that is acknowledged")
    func finished() async throws {
        let queue = bench.queue()
        try await bench.running {
            try await queue.publish(Message(body: 1))
            let subscription = queue.subscribe(prefetch: 1)
            let delivery = try #require(try await subscription.next())
            #expect(points == [.accepted, .claimed])
            try await subscription.settle(delivery, .acknowledged)
            #expect(points == [.accepted, .claimed, .handled, .finished])
            await subscription.close()
        }
    }

    @Test("A message that ends without a handler's work is neither handled nor finished")
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
                #expect(points == [.accepted])
                try await failing.publish(Message(body: 2))
                let subscription = failing.subscribe(prefetch: 1)
                let delivery = try #require(try await subscription.next())
                try await subscription.settle(delivery, .rejected(reason: "no"))
                #expect(try await dead.count.ready == 1)
                #expect(points == [.accepted, .accepted, .claimed])
                await subscription.close()
            }
        }
    }

    @Test(
        "A message whose claim was lost is not finished, and its settlement counts as one lost claim",
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
            #expect(!points.contains(.finished))
            #expect(queue.lostClaims.value == 1)
            await subscription.close()
        }
    }
}
