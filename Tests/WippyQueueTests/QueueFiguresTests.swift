import Testing
import WippyDefinition
import WippyLog
import WippyMessaging
import WippyRuntime
import WippyTesting
import WippyText
import WippyValues

@testable import WippyQueue

@Suite("The figures of a queue")
struct QueueFiguresTests {
    private let clock = TestClock()
    private let metrics = Metrics()

    /// Returns a queue that is measured, as the kind of queues measures it.
    private func measured(_ queue: any MessageQueue, _ id: EntryID = .app("tasks")) -> MeasuredQueue {
        MeasuredQueue(
            queue, of: id,
            in: RuntimeEnvironment(
                executors: SharedPoolExecutors(), clock: clock, log: .silent, metrics: metrics))
    }

    /// The counters of a queue, by the last parts of their names.
    private func counts(of id: EntryID = .app("tasks")) -> [String: Int] {
        let counts = metrics.counts.filter { $0.key.entry == id }
        return Dictionary(uniqueKeysWithValues: counts.map { ($0.key.name.replacing("queue.", with: ""), $0.value) })
    }

    @Test("A queue in memory says what is in it and what happens there, and so do the metrics")
    func memory() async throws {
        let driver = MemoryQueueDriver(clock: clock, log: .silent)
        let dead = measured(driver.queue("dead"), .app("dead"))
        let queue = measured(
            driver.queue("tasks", retry: QueueRetry(jitter: 0), deadLetters: dead, maxAttempts: 2))
        for body in 1...4 { try await queue.publish(Message(body: .integer(body))) }
        let subscription = try await queue.subscribe(prefetch: 1)
        func settle(_ settlement: Settlement) async throws {
            let delivery = try #require(try await subscription.next())
            try await subscription.settle(delivery, settlement)
        }
        try await settle(.acknowledged)
        try await settle(.rejected(reason: "no"))
        let taken = try await subscription.next()
        clock.advance(by: .seconds(2))
        let info = try await queue.info
        #expect(taken != nil && info.count.claimed == 1 && info.count.ready + info.count.delayed == 2)
        #expect(info.attemptsMost == 1 && info.dead == 0 && !info.isPaused && info.oldestAge != nil)
        #expect(info.rates == QueueRates(published: 2, acknowledged: 0.5, failed: 0.5))
        try await settle(.acknowledged)
        try await settle(.rejected(reason: "no"))
        let (last, letters) = (try await queue.info, try await dead.info)
        #expect(last.dead == 1 && letters.count.ready == 1 && letters.rates?.published == 0.5)
        let names = await metrics.gauges.filter { $0.key.entry == .app("tasks") }.map(\.key.name)
        #expect(
            Set(names).isSuperset(of: [
                "queue.ready", "queue.delayed", "queue.claimed", "queue.dead", "queue.attempts_most",
                "queue.published_rate", "queue.acknowledged_rate", "queue.failed_rate",
            ]))
        #expect(counts() == ["published": 4, "acknowledged": 2, "failed": 2])
        #expect(counts(of: .app("dead"))["published"] == 1)
        await subscription.close()
    }

    @Test("A queue whose driver knows nothing of metrics has gauges, rates and counters")
    func foreign() async throws {
        let foreign = FailingQueue(MemoryQueueDriver(clock: clock, log: .silent).queue("tasks"))
        foreign.fails.update { $0 = false }
        let queue = measured(foreign)
        for body in 1...2 { try await queue.publish(Message(body: .integer(body))) }
        let subscription = try await queue.subscribe(prefetch: 1)
        for settlement in [.acknowledged, .rejected(reason: "no")] as [Settlement] {
            let delivery = try #require(try await subscription.next())
            #expect(try await subscription.settle(delivery, settlement))
        }
        let gauges = await metrics.gauges.map { ($0.key.name, $0.value) }
        let named = Dictionary(uniqueKeysWithValues: gauges)
        #expect(named["queue.ready"] == 1 && named["queue.published_rate"] == 2 && named["queue.failed_rate"] == 1)
        #expect(counts() == ["published": 2, "acknowledged": 1, "failed": 1])
    }

    @Test("A settlement counts once, whatever the worker does, and one that fails counts not at all")
    func countedOnce() async throws {
        let foreign = FailingQueue(MemoryQueueDriver(clock: clock, log: .silent).queue("tasks"))
        foreign.fails.update { $0 = false }
        let queue = measured(foreign)
        let subscription = try await queue.subscribe(prefetch: 1)
        let all: [Settlement] = [.acknowledged, .rejected(reason: "no"), .returned]
        for settlement in all {
            try await queue.publish(Message(body: 1))
            let delivery = try #require(try await subscription.next())
            foreign.fails.update { $0 = true }
            await #expect(throws: FailingQueue.Down.self) { try await subscription.settle(delivery, settlement) }
            foreign.fails.update { $0 = false }
            for again in [settlement] + all { try await subscription.settle(delivery, again) }
        }
        #expect(counts() == ["published": 3, "acknowledged": 1, "failed": 1])
    }

    /// A queue that drops each message.
    private struct DroppingQueue: MessageQueue {
        func publish(_ message: Message) -> Bool { false }
        func subscribe(prefetch: Int) throws -> any MessageSubscription { throw CancellationError() }
        func drain(until deadline: Duration) -> Int { 0 }
        let count = MessageCount(ready: 0, delayed: 0, claimed: 0)
    }

    @Test("A message that a queue drops because of its unique key does not count")
    func dropped() async throws {
        let wrapper = Wrapper(wrapped: measured(DroppingQueue()))
        #expect(try await !wrapper.publish(Message(body: 1)))
        #expect(counts()["published"] == 0 && wrapper.accepted.value == 0)
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
                try await eventually("the message is settled") { queue.count.claimed == 0 }
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

    @Test("A queue whose driver has nouns of its own has them also where it is measured or wrapped")
    func nouns() {
        let topic = Topic()
        #expect(measured(topic).nouns == topic.nouns && Wrapper(wrapped: topic).nouns == topic.nouns)
    }
}

/// A queue that is called otherwise, takes everything and gives nothing.
private struct Topic: MessageQueue {
    let nouns = WorkNouns(holder: "topic", units: "records")
    let count = MessageCount(ready: 0, delayed: 0, claimed: 0)

    func publish(_ message: Message) -> Bool { true }
    func subscribe(prefetch: Int) throws -> any MessageSubscription { throw CancellationError() }
    func drain(until deadline: Duration) -> Int { 0 }
}
