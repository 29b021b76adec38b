import Testing
import WippyLog
import WippyMessaging
import WippyRuntime
import WippyTesting
import WippyText
import WippyValues

@testable import WippyQueue

@Suite("The figures of a queue")
struct QueueFiguresTests {
    @Test("A queue in memory says what is in it and what happens there, and so do the metrics")
    func memory() async throws {
        let (clock, metrics) = (TestClock(), Metrics())
        let driver = MemoryQueueDriver(clock: clock, log: .silent, metrics: metrics)
        let dead = driver.queue("dead")
        let queue = driver.queue("tasks", retry: QueueRetry(jitter: 0), deadLetters: dead, maxAttempts: 2)
        for body in 1...4 { try await queue.publish(Message(body: .integer(body))) }
        let subscription = queue.subscribe(prefetch: 1)
        func settle(_ settlement: Settlement) async throws {
            let delivery = try #require(try await subscription.next())
            try await subscription.settle(delivery, settlement)
        }
        try await settle(.acknowledged)
        try await settle(.rejected(reason: "no"))
        let taken = try await subscription.next()
        clock.advance(by: .seconds(2))
        let info = queue.info
        #expect(taken != nil && info.count.claimed == 1 && info.count.ready + info.count.delayed == 2)
        #expect(info.attemptsMost == 1 && info.dead == 0 && !info.isPaused && info.oldestAge != nil)
        #expect(info.rates == QueueRates(published: 2, acknowledged: 0.5, failed: 0.5))
        try await settle(.acknowledged)
        try await settle(.rejected(reason: "no"))
        #expect(queue.info.dead == 1 && dead.info.count.ready == 1 && dead.info.rates?.published == 0.5)
        let names = await metrics.gauges.filter { $0.key.entry == queue.id }.map(\.key.name)
        #expect(
            Set(names).isSuperset(of: [
                "queue.ready", "queue.delayed", "queue.claimed", "queue.dead", "queue.attempts_most",
                "queue.published_rate", "queue.acknowledged_rate", "queue.failed_rate",
            ]))
        #expect(metrics.counts.contains { $0.key.name == "queue.published" && $0.value == 4 })
        await subscription.close()
    }

    /// A queue that stands before another one.
    private struct Wrapper: WrappingQueue {
        let wrapped: any MessageQueue
        let accepted = Counter()

        func didAccept(_ message: Message) { accepted.add() }
    }

    @Test("A queue in memory that is full takes no dead letter, even if another queue wraps it, and no worker waits")
    func fullDeadLetters() async throws {
        let driver = MemoryQueueDriver(clock: TestClock(), log: .silent)
        let dead = driver.queue("dead", maxLength: 1)
        let wrapper = Wrapper(wrapped: dead)
        let queue = driver.queue("tasks", deadLetters: wrapper, maxAttempts: 1)
        try await running(MemoryQueueService(driver: driver)) { _ in
            let subscription = queue.subscribe(prefetch: 1)
            for _ in 0..<2 {
                try await queue.publish(Message(body: 1))
                let delivery = try #require(try await subscription.next())
                // The clock stands still. So a wait for room would not end.
                let settling = Task { try await subscription.settle(delivery, .rejected(reason: "no")) }
                defer { settling.cancel() }
                try await eventually("the message is settled", within: .seconds(20)) { queue.count.claimed == 0 }
            }
            #expect(dead.count.ready == 1 && queue.count.total == 1)
            #expect(wrapper.accepted.value == 1)
            await subscription.close()
        }
    }

    @Test("Dead letters are counted behind a queue that wraps theirs, and are not known in another driver's queue")
    func deadLetters() async throws {
        let driver = MemoryQueueDriver(clock: TestClock(), log: .silent)
        let dead = driver.queue("dead")
        let wrapped = driver.queue("wrapped", deadLetters: Wrapper(wrapped: dead), maxAttempts: 1)
        let foreign = driver.queue("foreign", deadLetters: FailingQueue(dead), maxAttempts: 1)
        for queue in [wrapped, foreign] {
            try await queue.publish(Message(body: 1))
            let subscription = queue.subscribe(prefetch: 1)
            let delivery = try #require(try await subscription.next())
            try await subscription.settle(delivery, .rejected(reason: "no"))
            await subscription.close()
        }
        #expect(dead.count.ready == 2)
        let gauge = try #require(QueueInfo.figures.first { $0.name == "dead" }?.metric)
        #expect(wrapped.info.dead == 1 && wrapped.info.gauges[gauge] == 1)
        #expect(foreign.info.dead == nil && foreign.info.gauges[gauge] == nil)
        #expect(dead.info.dead == 0)
    }
}
