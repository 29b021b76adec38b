import Testing
import WippyDefinition
import WippyLog
import WippyMessaging
import WippyRuntime
import WippyTesting
import WippyValues

@testable import WippyQueue

private struct Refused: Error, CustomStringConvertible {
    var description: String { "the table is locked" }
}

@Suite("A queue's consumer")
struct QueueConsumerTests {
    @Test("A handler that throws twice and then succeeds sees attempts 1, 2, 3")
    func threeAttempts() async throws {
        let test = TestDriver()
        let queue = test.queue()
        let attempts = Shared<[Int]>([])
        let consumer = QueueConsumer(queue, clock: test.clock, log: Log(to: test.lines)) { delivery in
            attempts.update { $0.append(delivery.attempt) }
            if delivery.attempt < 3 { throw Refused() }
        }
        try await running(test.service) { _ in
            try await running(consumer) { _ in
                try await queue.publish(.number(0))
                try await eventually { test.clock.deadlines == [.milliseconds(100)] }
                test.clock.advance(by: .milliseconds(100))
                try await eventually { attempts.value.count == 3 }
            }
        }
        #expect(attempts.value == [1, 2, 3])
        #expect(queue.count == MessageCount(ready: 0, delayed: 0, claimed: 0))
        #expect(consumer.handled.value == 1)
        #expect(consumer.failed.value == 2)
        #expect(consumer.duration.reading.count == 3)
    }

    @Test("A failure is one line of the log: which message, which attempt, and why")
    func failureLine() async throws {
        let test = TestDriver()
        let queue = test.queue()
        let message = Message.number(0)
        let consumer = QueueConsumer(queue, log: Log(to: test.lines)) { delivery in
            if delivery.attempt == 1 { throw Refused() }
        }
        try await queue.publish(message)
        try await running(consumer) { _ in try await eventually { consumer.handled.value == 1 } }
        let line = try #require(test.lines.records.first)
        #expect(test.lines.records.count == 1)
        #expect(line.level == .error)
        #expect(line.message == "a message handler failed")
        #expect(
            line.metadata == [
                "message_id": LogValue(message.id), "queue": "app:tasks", "attempt": 1, "reason": "the table is locked",
            ])
    }

    @Test("A message that always fails is in the dead-letter queue after 5 attempts, while others flow")
    func poison() async throws {
        let test = TestDriver()
        let dead = test.queue("dead")
        let queue = test.queue(deadLetters: dead)
        let attempts = Shared<[Int]>([])
        let consumer = QueueConsumer(queue, clock: test.clock) { delivery in
            guard delivery.number == -1 else { return }
            attempts.update { $0.append(delivery.attempt) }
            throw Refused()
        }
        try await running(test.service) { _ in
            try await running(consumer) { _ in
                try await queue.publish(.number(-1))
                for (number, delay) in [100, 200, 400].enumerated() {
                    try await eventually { queue.count.delayed == 1 }
                    try await queue.publish(.number(number))
                    try await eventually { consumer.handled.value == number + 1 }
                    #expect(dead.count.ready == 0)
                    test.clock.advance(by: .milliseconds(delay))
                    try await eventually { attempts.value.count == number + 3 }
                }
                try await eventually { dead.count.ready == 1 }
            }
            #expect(attempts.value == [1, 2, 3, 4, 5])
            #expect(queue.count == MessageCount(ready: 0, delayed: 0, claimed: 0))
            let letters = dead.subscribe(prefetch: 1)
            let letter = try #require(try await letters.next())
            #expect(letter.number == -1)
            #expect(letter.message.headers["x_attempts"] == 5)
            #expect(letter.message.headers["x_dead_letter_reason"] == "the table is locked")
            try await letters.settle(letter, .acknowledged)
        }
        #expect(test.lines.records.isEmpty)
    }

    @Test("As many messages are handled at once as there are workers, and no more", arguments: [1, 3, 64])
    func concurrency(workers: Int) async throws {
        let queue = TestDriver().queue()
        let gate = OneShotEvent()
        let running = Shared(Gauge())
        let consumer = QueueConsumer(queue, concurrency: workers) { _ in
            running.update { $0.enter() }
            await gate.wait()
            running.update { $0.leave() }
        }
        for number in 0..<200 { try await queue.publish(.number(number)) }
        try await WippyQueueTests.running(consumer) { _ in
            try await eventually { running.value.now == workers }
            #expect(queue.count == MessageCount(ready: 200 - workers, delayed: 0, claimed: workers))
            gate.fire()
            try await eventually { consumer.handled.value == 200 }
        }
        #expect(running.value.most == workers)
    }

    @Test("A queue is drained when its consumer has finished what is queued, and what its handlers publish meanwhile")
    func drains() async throws {
        let queue = TestDriver().queue()
        let gate = OneShotEvent()
        let bodies = Shared<[Int]>([])
        let consumer = QueueConsumer(queue, concurrency: 2) { delivery in
            await gate.wait()
            if delivery.number < 10 { try await queue.publish(.number(delivery.number + 10)) }
            bodies.update { $0.append(delivery.number) }
        }
        for number in 0..<10 { try await queue.publish(.number(number)) }
        try await running(consumer) { _ in
            try await eventually { queue.count.claimed == 2 }
            gate.fire()
            #expect(await queue.drain(until: .seconds(30)) == 20)
        }
        #expect(bodies.value.sorted() == Array(0..<20))
        #expect(queue.count == MessageCount(ready: 0, delayed: 0, claimed: 0))
    }

    @Test("Told to stop, a consumer finishes what runs and leaves what is queued")
    func stops() async throws {
        let queue = TestDriver().queue()
        let gate = OneShotEvent()
        let consumer = QueueConsumer(queue, concurrency: 2) { _ in await gate.wait() }
        for number in 0..<10 { try await queue.publish(.number(number)) }
        try await running(consumer) { stop in
            try await eventually { queue.count.claimed == 2 }
            stop.fire()
            gate.fire()
        }
        #expect(consumer.handled.value == 2)
        #expect(queue.count == MessageCount(ready: 8, delayed: 0, claimed: 0))
    }

    @Test("Cancelled, a consumer gives back what its handlers do not finish, without an attempt counted")
    func cancellation() async throws {
        let queue = TestDriver().queue()
        let consumer = QueueConsumer(queue, concurrency: 2) { delivery in
            if delivery.number == 0 { return await OneShotEvent().wait() }
            try await Task.sleep(for: .seconds(3600))
        }
        for number in 0..<4 { try await queue.publish(.number(number)) }
        let run = Task { try await consumer.run(ready: {}, stop: StopSignal()) }
        try await eventually { queue.count.claimed == 2 }
        run.cancel()
        try await run.value
        // The first handler ended without an error although it was told to stop: its work is done.
        #expect(consumer.handled.value == 1)
        #expect(consumer.failed.value == 0)
        #expect(queue.count == MessageCount(ready: 3, delayed: 0, claimed: 0))
        let subscription = queue.subscribe(prefetch: 1)
        for number in 1...3 {
            let delivery = try await subscription.next()
            #expect(delivery?.number == number)
            #expect(delivery?.attempt == 1)
        }
    }

    @Test("A consumer can run again after its stop, and two consumers share a queue")
    func runsAgain() async throws {
        let queue = TestDriver().queue()
        let consumers = (0..<2).map { _ in QueueConsumer(queue) { _ in } }
        for round in 1...3 {
            for number in 0..<50 { try await queue.publish(.number(number)) }
            try await running(consumers[0]) { _ in
                try await running(consumers[1]) { _ in _ = await queue.drain(until: .seconds(30)) }
            }
            #expect(consumers[0].handled.value + consumers[1].handled.value == 50 * round)
        }
    }

    @Test("A worker calls the function that its link points at now")
    func linkPerMessage() async throws {
        let queue = TestDriver().queue()
        let called = Shared<[String]>([])
        let named = { (name: String) in ClosureFunction { _ in called.update { $0.append(name) } } }
        let link = Link<any MessageFunction>(named("old"))
        let consumer = QueueConsumer(
            queue: Link(queue), workers: ConsumerWorkers(.init(concurrency: 1, function: link)), prefetch: 1,
            executors: SharedPoolExecutors(), clock: SystemClock(), log: .silent, handled: Counter(), failed: Counter(),
            duration: MetricTimer())
        try await running(consumer) { _ in
            try await queue.publish(.number(0))
            try await eventually { called.value == ["old"] }
            link.replace(with: named("new"))
            try await queue.publish(.number(1))
            try await eventually { called.value == ["old", "new"] }
        }
    }

    @Test("Workers survive a driver that fails: they ask again, later each time, and the log says so once")
    func takingFails() async throws {
        let test = TestDriver()
        let queue = FailingQueue(test.queue())
        let consumer = QueueConsumer(queue, concurrency: 2, clock: test.clock, log: Log(to: test.lines)) { _ in }
        try await queue.publish(.number(0))
        try await running(consumer) { _ in
            for delay in [100, 200, 400] {
                let due = test.clock.now + .milliseconds(delay)
                try await eventually { test.clock.deadlines == [due, due] }
                test.clock.advance(by: .milliseconds(delay))
            }
            let due = test.clock.now + .milliseconds(800)
            try await eventually { test.clock.deadlines == [due, due] }
            queue.fails.update { $0 = false }
            test.clock.advance(by: .milliseconds(800))
            try await eventually { consumer.handled.value == 1 }
        }
        #expect(test.lines.records.first?.message == "the queue's driver fails; the workers try again")
        #expect(test.lines.records.first?.metadata["reason"] == "the broker is away")
        #expect(test.lines.records.filter { $0.level == .warning }.count == 1)
    }

    @Test("A message that is done and cannot be settled is settled later, and is handled once")
    func settlingFails() async throws {
        let test = TestDriver()
        let queue = FailingQueue(test.queue())
        queue.fails.update { $0 = false }
        let consumer = QueueConsumer(queue, clock: test.clock, log: Log(to: test.lines)) { _ in
            queue.fails.update { $0 = true }
        }
        try await queue.publish(.number(0))
        try await running(consumer) { _ in
            try await eventually { test.clock.deadlines == [.milliseconds(100)] }
            #expect(queue.count.claimed == 1)
            queue.fails.update { $0 = false }
            test.clock.advance(by: .milliseconds(100))
            try await eventually { consumer.handled.value == 1 }
        }
        #expect(queue.count == MessageCount(ready: 0, delayed: 0, claimed: 0))
        #expect(
            test.lines.records.map(\.message) == [
                "the queue's driver fails; the workers try again", "the queue's driver works again",
            ])
    }

    @Test("A worker that is cancelled while it cannot settle its message gives the message back")
    func settlingGivenUp() async throws {
        let test = TestDriver()
        let queue = FailingQueue(test.queue())
        queue.fails.update { $0 = false }
        queue.onlyTakesBack.update { $0 = true }
        let consumer = QueueConsumer(queue, clock: test.clock, log: Log(to: test.lines)) { _ in }
        try await queue.publish(.number(0))
        let run = Task { try await consumer.run(ready: {}, stop: StopSignal()) }
        try await eventually { test.clock.deadlines == [.milliseconds(100)] }
        run.cancel()
        try await run.value
        #expect(queue.count == MessageCount(ready: 1, delayed: 0, claimed: 0))
        #expect(test.lines.records.last?.message == "a message could not be settled; it may be handled again")
    }

    @Test("A stop ends the wait for a driver that fails")
    func stopWhileFailing() async throws {
        let test = TestDriver()
        let consumer = QueueConsumer(FailingQueue(test.queue()), clock: test.clock) { _ in }
        try await running(consumer) { _ in try await eventually { test.clock.deadlines == [.milliseconds(100)] } }
    }

    @Test("A worker whose handler never suspends leaves its executor to others")
    func turns() async throws {
        let queue = TestDriver().queue()
        let executor = OneThread()
        let isOver = Shared(false)
        let body = { @Sendable (delivery: Delivery) async throws in
            if !isOver.value { #expect(queue.accept(.number(delivery.number + 1))) }
        }
        let consumer = QueueConsumer(
            queue: Link(queue),
            workers: ConsumerWorkers(.init(concurrency: 1, function: Link(ClosureFunction(body)))), prefetch: 1,
            executors: executor, clock: SystemClock(), log: .silent, handled: Counter(), failed: Counter(),
            duration: MetricTimer())
        try await running(consumer) { _ in
            try await queue.publish(.number(0))
            try await eventually { consumer.handled.value > 0 }
            Task(executorPreference: executor) { isOver.update { $0 = true } }
            try await eventually { isOver.value }
        }
    }
}

/// How many handlers run, and how many ran at most.
private struct Gauge {
    private(set) var now = 0
    private(set) var most = 0

    mutating func enter() {
        now += 1
        most = max(most, now)
    }

    mutating func leave() { now -= 1 }
}
