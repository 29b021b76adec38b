import Synchronization
import Testing
import WippyDefinition
import WippyMessaging
import WippyRuntime
import WippySQL
import WippyTesting

@testable import WippySQLQueue

/// What a durable queue does after an error that leaves open whether the database has stored a change.
@Suite("A change that the database may have stored", .timeLimit(.minutes(15)))
struct UnknownOutcomeTests {
    private struct Lost: Error {}

    /// Counts the messages that are accepted.
    private struct Counting: WrappingQueue {
        let wrapped: any MessageQueue
        let accepted = Counter()

        func didAccept(_ message: Message) { accepted.add() }
    }

    private let folder: TemporaryFolder
    private let clock = TestClock()
    private let bench: SQLQueueBench
    private let database: DollarDatabase

    init() throws {
        folder = try TemporaryFolder()
        bench = SQLQueueBench(file: "\(folder.path)/queue.db", parameterStyle: .dollar, clock: clock)
        database = try #require(bench.database as? DollarDatabase)
    }

    /// Publishes a message in a transaction whose commit gets no answer.
    private func publish(
        _ message: Message, to queue: any MessageQueue, endingAs outcome: TransactionOutcome
    ) async throws {
        database.lostCommit.withLock { $0 = outcome }
        await #expect(throws: WippyError.self) {
            try await database.transaction { try await $0.publish(message, to: queue) }
        }
        database.lostCommit.withLock { $0 = nil }
    }

    @Test("A message that is in the table comes to a worker, and does not count as accepted")
    func kept() async throws {
        let queue = bench.queue(maxLength: 1)
        try await bench.running {
            let subscription = queue.subscribe(prefetch: 1)
            let worker = Task { try await subscription.next() }
            let counting = Counting(wrapped: queue)
            try await publish(Message(body: 1), to: counting, endingAs: .kept)
            let delivery = try #require(try await worker.value)
            #expect(delivery.message.body == 1)
            #expect(queue.drain(until: .zero) == 0)
            #expect(counting.accepted.value == 0)
            #expect(try await subscription.settle(delivery, .acknowledged))
            await subscription.close()
        }
    }

    @Test("The room of a message that is not in the table is free again")
    func undone() async throws {
        var settings = QueueSettings.standard
        settings.publishTimeout = .seconds(36_000)
        let queue = bench.queue("tasks", settings, maxLength: 1)
        try await bench.running {
            try await publish(Message(body: 1), to: queue, endingAs: .undone)
            let publisher = Task { try await queue.publish(Message(body: 2)) }
            try await eventually("the second message is accepted") {
                clock.advance(by: .seconds(1))
                return queue.drain(until: .zero) == 1
            }
            #expect(try await publisher.value)
            #expect(try await queue.claim(2)?.messages.map(\.message.body) == [2])
        }
    }

    @Test("A message whose settlement was stored, though it failed, comes to another worker that waits")
    func storedSettlement() async throws {
        let queue = bench.queue()
        try await bench.running {
            try await eventually("the service waits") { !clock.deadlines.isEmpty }
            try await queue.publish(Message(body: 1))
            let subscription = try #require(queue.subscribe(prefetch: 2) as? SQLSubscription)
            let first = try #require(try await subscription.next())
            let other = Task { try await subscription.next() }
            try await eventually("the other worker waits") { subscription.hasIdleWorkers }
            database.interception.withLock {
                $0 = { _, run in
                    _ = try await run()
                    throw Lost()
                }
            }
            // A worker that is cancelled asks for no other message.
            let settling = inCancelledTask { try await subscription.settle(first, .rejected(reason: "it failed")) }
            await #expect(throws: Lost.self) { try await settling.value }
            database.interception.withLock { $0 = nil }
            try await eventually("the other worker gets it") {
                clock.advance(by: .seconds(1))
                return try await queue.count.claimed == 1
            }
            let again = try #require(try await other.value)
            #expect(again.attempt == 2)
            #expect(try await subscription.settle(again, .acknowledged))
            await subscription.close()
        }
    }
}
