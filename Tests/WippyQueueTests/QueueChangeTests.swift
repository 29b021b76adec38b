import Testing
import WippyDefinition
import WippyLog
import WippyMessaging
import WippyTesting

@testable import WippyQueue
@testable import WippyRuntime

extension MemoryQueueState<String, String, String> {
    /// Changes what is named and leaves the rest.
    fileprivate mutating func change(
        maxLength: Int? = nil, retry: QueueRetry? = nil, maxAttempts: Int?? = nil, phase: Phase = .running,
        publishersWaitUntil latest: Duration = .seconds(3600)
    ) -> Advance {
        change(
            maxLength: maxLength ?? self.maxLength, retry: retry ?? self.retry,
            maxAttempts: maxAttempts ?? self.maxAttempts, phase: phase, publishersWaitUntil: latest)
    }

    /// The next message, which is there.
    fileprivate mutating func taken(_ subscription: Int) throws -> (body: Int, attempt: Int, receipt: Int) {
        let next = next(subscription)
        return try #require(next)
    }
}

@Suite("The memory queue as a value: its settings change")
struct QueueStateChangeTests {
    @Test("A larger length lets in the publishers that wait, in their order, as far as there is room")
    func larger() {
        var state = NamedState(maxLength: 2, messages: 2)
        for number in 2...5 { #expect(state.waitToPublish("p\(number)", number).isWaiting) }
        let change = state.change(maxLength: 4)
        #expect(change.admitted == ["p2", "p3"])
        #expect(change.expired == [] && change.refused == [])
        #expect(change.next == .seconds(5))
        #expect(state.accepted == 4)
        #expect(state.bodies(state.subscribe()) == Array(0...5))
    }

    @Test("Publishers that wait do so until the given time at most; in the line deadlines never go back")
    func shorterWait() {
        var state = NamedState(maxLength: 1, messages: 1)
        #expect(state.waitToPublish("p1", 1, until: .seconds(2)).isWaiting)
        #expect(state.waitToPublish("p2", 2, until: .seconds(5)).isWaiting)
        #expect(state.change(publishersWaitUntil: .seconds(3)).next == .seconds(2))
        #expect(state.waitToPublish("p3", 3, until: .seconds(4)).isWaiting)
        #expect(state.advance(to: .seconds(3)).expired == ["p1", "p2"])
        #expect(state.advance(to: .seconds(4)).expired == ["p3"])
    }

    @Test("A larger length hands what publishers wait with to the workers that wait")
    func largerWithWorkers() throws {
        var state = NamedState(maxLength: 1, retry: QueueRetry(initialDelay: .seconds(1), jitter: 0), messages: 1)
        let subscription = state.subscribe()
        let first = try state.taken(subscription)
        _ = state.reject(first.receipt, now: .zero, draw: 0)
        #expect(state.wait("w", subscription).isWaiting)
        #expect(state.waitToPublish("p", 1).isWaiting)
        let change = state.change(maxLength: 2)
        #expect(change.handovers.map(\.worker) == ["w"] && change.handovers.map(\.delivery.number) == [1])
        #expect(change.admitted == ["p"])
    }

    @Test("A smaller length refuses only what is published from then on; what is there keeps its order")
    func smaller() {
        var state = NamedState(maxLength: 4, messages: 4)
        let subscription = state.subscribe()
        #expect(state.change(maxLength: 2).admitted == [])
        #expect(state.publish(.number(4)).isFull)
        #expect(state.next(subscription)?.body == 0)
        #expect(state.next(subscription)?.body == 1)
        #expect(state.publish(.number(4)).isFull)
        #expect(state.next(subscription)?.body == 2)
        #expect(state.publish(.number(4)).isAccepted)
        #expect(state.bodies(subscription) == [3, 4])
    }

    @Test("A message that waits for its next attempt keeps its time; one that fails later follows the new delays")
    func delays() throws {
        var state = NamedState(retry: QueueRetry(initialDelay: .seconds(10), jitter: 0), messages: 2)
        let subscription = state.subscribe()
        let (first, second) = (try state.taken(subscription), try state.taken(subscription))
        #expect(state.reject(first.receipt, now: .zero, draw: 0).due == .seconds(10))
        #expect(state.change(retry: QueueRetry(initialDelay: .seconds(1), jitter: 0)).next == .seconds(10))
        #expect(state.reject(second.receipt, now: .zero, draw: 0).due == .seconds(1))
        _ = state.advance(to: .seconds(9))
        #expect(state.next(subscription)?.body == 1)
        #expect(state.next(subscription) == nil)
        _ = state.advance(to: .seconds(10))
        #expect(state.next(subscription)?.body == 0)
    }

    @Test("Attempts that are too many now make a dead letter at the next failure, not before")
    func attempts() throws {
        var state = NamedState(retry: QueueRetry(initialDelay: nil, jitter: 0), maxAttempts: 5, messages: 1)
        let subscription = state.subscribe()
        for attempt in 1...3 {
            let delivery = try state.taken(subscription)
            #expect(delivery.attempt == attempt)
            #expect(state.reject(delivery.receipt, now: .zero, draw: 0).deadLetter == nil)
            _ = state.advance(to: .seconds(60))
        }
        _ = state.change(maxAttempts: 2)
        #expect(state.count == MessageCount(ready: 1, delayed: 0, claimed: 0))
        let last = try state.taken(subscription)
        #expect(state.reject(last.receipt, now: .zero, draw: 0).deadLetter?.attempts == 4)
    }

    @Test("Without a queue for dead letters a message is tried for ever")
    func noDeadLetters() throws {
        var state = NamedState(maxAttempts: 1, messages: 1)
        let subscription = state.subscribe()
        _ = state.change(maxAttempts: .some(nil))
        let delivery = try state.taken(subscription)
        #expect(state.reject(delivery.receipt, now: .zero, draw: 0).deadLetter == nil)
        #expect(state.next(subscription)?.attempt == 2)
    }

    @Test("With a driver that does not run nobody waits for room", arguments: [false, true])
    func driverThatDoesNotRun(isStopped: Bool) {
        var state = NamedState(maxLength: 1, messages: 1)
        #expect(state.waitToPublish("p", 1).isWaiting)
        let change = state.change(maxLength: 5, phase: isStopped ? .stopped : .waiting)
        #expect(change.refused == ["p"] && change.admitted == [] && change.next == nil)
        #expect(state.publish(.number(1)).isAccepted == !isStopped)
        #expect(state.bodies(state.subscribe()) == (isStopped ? [0] : [0, 1]))
    }
}

@Suite("The memory queue's engine: its settings and its driver change")
struct QueueChangeTests {
    /// Has a queue be as an entry says that writes these fields.
    private func update(
        _ queue: MemoryQueue, by driver: MemoryQueueDriver, maxLength: Int = 1000,
        publishTimeout: Duration = .seconds(5), retry: QueueRetry = QueueRetry(jitter: 0),
        deadLetters: (any MessageQueue)? = nil, maxAttempts: Int = 5
    ) throws -> Update {
        var settings = QueueSettings.standard
        settings.retry = retry
        settings.publishTimeout = publishTimeout
        var options = MemoryQueueDriver.Options.standard
        options.maxLength = maxLength
        return try #require(
            driver.update(
                queue, settings: settings, options: options,
                deadLetters: deadLetters.map {
                    DeadLetters(id: .app("dead"), queue: Link($0), maxAttempts: maxAttempts)
                }))
    }

    @Test("Nothing changes before the update is applied; taken back, all is as it was")
    func takenBack() async throws {
        let test = TestDriver()
        let queue = test.queue(maxLength: 1)
        let other = MemoryQueueDriver(clock: test.clock, log: .silent)
        let update = try update(queue, by: other, maxLength: 2, publishTimeout: .zero)
        #expect(queue.settings.maxLength == 1 && queue.settings.driver === test.driver)
        update.apply()
        #expect(queue.settings.maxLength == 2 && queue.settings.driver === other)
        update.takeBack()
        #expect(queue.settings.maxLength == 1 && queue.settings.driver === test.driver)
        try await running(test.service) { _ in
            try await queue.publish(.number(0))
            let second = Task { try await queue.publish(.number(1)) }
            try await eventually { test.clock.deadlines == [.seconds(5)] }
            _ = try await queue.subscribe(prefetch: 1).next()
            _ = try await second.value
        }
    }

    @Test("A publisher that waits does so for the new time at most, and for the one that it came with")
    func timeouts() async throws {
        let test = TestDriver()
        let queue = test.queue(maxLength: 1, publishTimeout: .seconds(5))
        try await running(test.service) { _ in
            try await queue.publish(.number(0))
            let first = Task { try await queue.publish(.number(1)) }
            try await eventually { test.clock.deadlines == [.seconds(5)] }
            test.clock.advance(by: .seconds(2))
            try update(queue, by: test.driver, maxLength: 1, publishTimeout: .seconds(1)).apply()
            try await eventually { test.clock.deadlines == [.seconds(3)] }
            test.clock.advance(by: .seconds(1))
            let early = await #expect(throws: WippyError.self) { try await first.value }
            #expect(early?.message.contains("was full for 1s") == true)
            let second = Task { try await queue.publish(.number(1)) }
            try await eventually { test.clock.deadlines == [.seconds(4)] }
            try update(queue, by: test.driver, maxLength: 1, publishTimeout: .seconds(60)).apply()
            test.clock.advance(by: .seconds(1))
            let late = await #expect(throws: WippyError.self) { try await second.value }
            #expect(late?.message.contains("was full for 1s") == true)
        }
    }

    @Test("Another driver in memory takes a queue over with all that it holds and whoever waits at it")
    func moves() async throws {
        let test = TestDriver()
        let other = MemoryQueueDriver(clock: test.clock, log: .silent)
        let queue = test.queue(maxLength: 2, retry: QueueRetry(initialDelay: .seconds(3), jitter: 0))
        let subscription = queue.subscribe(prefetch: 1)
        try await running(MemoryQueueService(driver: other)) { _ in
            try await running(test.service) { _ in
                for number in 0...1 { try await queue.publish(.number(number)) }
                let failing = try #require(try await subscription.next())
                try await subscription.settle(failing, .rejected(reason: "no"))
                try await queue.publish(.number(2))
                let waiting = Task { try await queue.publish(.number(3)) }
                try await eventually { test.clock.deadlines == [.seconds(3)] }
                try update(queue, by: other, maxLength: 3).apply()
                _ = try await waiting.value
                #expect(queue.count == MessageCount(ready: 3, delayed: 1, claimed: 0))
            }
            // The driver that had the queue has stopped, and knows nothing of it any more.
            #expect(test.lines.records.isEmpty)
            for number in 1...3 { #expect(try await subscription.next()?.number == number) }
            async let last = subscription.next()
            test.clock.advance(by: .seconds(3))
            let again = try await last
            #expect(again?.number == 0 && again?.attempt == 2)
            try await queue.publish(.number(4))
        }
        await #expect(throws: WippyError.self) { try await queue.publish(.number(5)) }
    }

    @Test("A dead letter goes to the queue that is named when it fails; without one it is tried again")
    func deadLetters() async throws {
        let test = TestDriver()
        let (old, new) = (test.queue("old"), test.queue("new"))
        let queue = test.queue(retry: QueueRetry(jitter: 0), deadLetters: old, maxAttempts: 1)
        let subscription = queue.subscribe(prefetch: 1)
        func fail() async throws -> Int? {
            let delivery = try #require(try await subscription.next())
            try await subscription.settle(delivery, .rejected(reason: "no"))
            return delivery.attempt
        }
        for number in 0...1 { try await queue.publish(.number(number)) }
        #expect(try await fail() == 1)
        try update(queue, by: test.driver).apply()
        #expect(try await fail() == 1)
        #expect(queue.count == MessageCount(ready: 1, delayed: 0, claimed: 0))
        try update(queue, by: test.driver, deadLetters: new, maxAttempts: 1).apply()
        #expect(try await fail() == 2)
        #expect([old, new, queue].map(\.count.ready) == [1, 1, 0])
    }

    @Test("A queue that nobody has any more is gone from its driver, too")
    func forgotten() async throws {
        let test = TestDriver()
        var queue: MemoryQueue? = test.queue()
        try await queue?.publish(.number(0))
        queue = nil
        test.driver.shut()
        #expect(test.lines.records.isEmpty)
    }

    @Test("Drivers and settings that change at random while messages come and fail lose nothing", arguments: 0..<20)
    func randomMoves(seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed)
        let drivers = (0..<2).map { _ in MemoryQueueDriver(clock: SystemClock(), log: .silent) }
        let dead = drivers[0].queue("dead", maxLength: 100_000)
        let queue = drivers[0].queue("tasks")
        let (accepted, handled) = (Counter(), Counter())
        let consumer = QueueConsumer(queue, concurrency: 4) { delivery in
            if delivery.number % 3 == 0 { throw WippyError(.internal, "no") }
            handled.add()
        }
        try await running(MemoryQueueService(driver: drivers[0])) { _ in
            try await running(MemoryQueueService(driver: drivers[1])) { _ in
                try await running(consumer) { _ in
                    try await publishing(to: queue, from: 3, counting: accepted) {
                        for _ in 0..<100 {
                            let change = try update(
                                queue, by: drivers[.random(in: 0...1, using: &random)],
                                maxLength: [1, 3, 50].randomElement(using: &random) ?? 1,
                                publishTimeout: [.zero, .milliseconds(1), .seconds(60)].randomElement(using: &random)
                                    ?? .zero,
                                retry: QueueRetry(initialDelay: .milliseconds(1), maxDelay: .milliseconds(2)),
                                deadLetters: Bool.random(using: &random) ? dead : nil,
                                maxAttempts: .random(in: 1...3, using: &random))
                            change.apply()
                            if Bool.random(using: &random) { change.takeBack() }
                            let before = accepted.value
                            try await eventually {
                                accepted.value > before || queue.count.ready + queue.count.delayed > 0
                            }
                        }
                        try update(
                            queue, by: drivers[1], retry: QueueRetry(initialDelay: .milliseconds(1)), deadLetters: dead,
                            maxAttempts: 1
                        ).apply()
                    }
                    try await eventually { queue.count == MessageCount(ready: 0, delayed: 0, claimed: 0) }
                }
            }
        }
        #expect(handled.value + dead.count.ready == accepted.value)
        #expect(accepted.value > 0)
    }
}
