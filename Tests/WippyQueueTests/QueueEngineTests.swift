import Testing
import WippyDefinition
import WippyLog
import WippyRuntime
import WippyTesting
import WippyValues

@testable import WippyMessaging
@testable import WippyQueue

/// A driver on a clock that the test advances, and the lines that it logs.
struct TestDriver {
    let clock = TestClock()
    let lines = LogRecorder()
    let driver: MemoryQueueDriver

    init() {
        driver = MemoryQueueDriver(clock: clock, log: Log(to: lines))
    }

    var service: MemoryQueueService { MemoryQueueService(driver: driver) }

    func queue(
        _ name: String = "tasks", maxLength: Int = 1000, publishTimeout: Duration = .seconds(5),
        retry: QueueRetry = QueueRetry(jitter: 0), deadLetters: (any MessageQueue)? = nil, maxAttempts: Int = 5
    ) -> MemoryQueue {
        driver.queue(
            name, maxLength: maxLength, publishTimeout: publishTimeout, retry: retry, deadLetters: deadLetters,
            maxAttempts: maxAttempts)
    }
}

@Suite("The memory queue's engine")
struct QueueEngineTests {
    @Test(
        "What only another driver does is refused, and says which",
        arguments: MessageOption.allCases.filter(\.isDecisive))
    func options(_ option: MessageOption) async throws {
        let queue = MemoryQueueDriver(clock: SystemClock(), log: .silent).queue("tasks")
        let message = Message(body: 1, headers: [option.header: "1s"])
        let error = await #expect(throws: WippyError.self) { try await queue.publish(message) }
        #expect(error?.kind == .invalid)
        #expect(error?.message.contains("'\(option.header)': leave it out") == true)
        // What is in a dead letter was meant for the queue that it comes from.
        var letter = message
        letter.headers["x_original_queue"] = "app:others"
        try await queue.publish(letter)
        #expect(queue.count.ready == 1)
    }

    @Test("A priority, which has no effect here, comes with its message")
    func priority() async throws {
        let queue = TestDriver().queue()
        for priority in [1, 9] {
            try await queue.publish(Message(body: .integer(priority), headers: ["priority": .integer(priority)]))
        }
        let subscription = queue.subscribe(prefetch: 1)
        let first = try #require(try await subscription.next())
        #expect(first.message.body == 1 && first.message.headers["priority"] == 1)
    }

    @Test("A message comes with its id, body, headers and the second in which it was published")
    func message() async throws {
        let queue = TestDriver().queue()
        let message = Message(body: ["title": "x"], headers: ["trace": "1"])
        let before = LogTime.now.seconds
        try await queue.publish(message)
        try await queue.publish(.number(7))
        let subscription = queue.subscribe(prefetch: 1)
        let first = try #require(try await subscription.next())
        let second = try #require(try await subscription.next())
        #expect(first.message.id == message.id)
        #expect(first.message.body == ["title": "x"])
        #expect(first.message.headers["trace"] == "1")
        #expect(first.queue == .app("tasks"))
        #expect(first.attempt == 1)
        for delivery in [first, second] {
            let second = try #require(delivery.message.headers["timestamp"]?.integer)
            #expect((before...LogTime.now.seconds).contains(second))
        }
    }

    @Test("A publisher's own timestamp stays")
    func ownTimestamp() async throws {
        let queue = TestDriver().queue()
        try await queue.publish(Message(body: 1, headers: ["timestamp": 12]))
        let delivery = try await queue.subscribe(prefetch: 1).next()
        #expect(delivery?.message.headers == ["timestamp": 12])
    }

    @Test("The age of a message follows the application's clock")
    func age() async throws {
        let test = TestDriver()
        let queue = test.queue()
        try await queue.publish(Message(body: 1))
        test.clock.advance(by: .seconds(90))
        #expect(queue.info.oldestAge == .seconds(90))
    }

    @Test(
        "The age of a message is a number, whatever timestamp its publisher has set", arguments: [Int.min, -1, 0, .max])
    func extremeTimestamp(_ second: Int) async throws {
        let queue = TestDriver().queue()
        try await queue.publish(Message(body: 1, headers: [MessageHeader.timestamp: .integer(second)]))
        #expect(try #require(queue.info.oldestAge) >= .zero)
    }

    @Test("A full queue suspends its publisher until there is room")
    func waitForRoom() async throws {
        let test = TestDriver()
        let queue = test.queue(maxLength: 1)
        try await running(test.service) { _ in
            try await queue.publish(.number(0))
            async let second = queue.publish(.number(1))
            try await eventually { test.clock.deadlines == [.seconds(5)] }
            let subscription = queue.subscribe(prefetch: 1)
            #expect(try await subscription.next()?.number == 0)
            _ = try await second
            #expect(try await subscription.next()?.number == 1)
        }
    }

    @Test("A publisher for whom there is no room in time gets an error that says so and may try again")
    func publishTimeout() async throws {
        let test = TestDriver()
        let queue = test.queue(maxLength: 1)
        try await running(test.service) { _ in
            try await queue.publish(.number(0))
            let late = Task { try await queue.publish(.number(1)) }
            try await eventually { test.clock.deadlines == [.seconds(5)] }
            test.clock.advance(by: .seconds(5))
            let error = await #expect(throws: WippyError.self) { try await late.value }
            #expect(error?.kind == .unavailable)
            #expect(error?.isRetryable == true)
            #expect(
                error?.message == "the queue 'app:tasks' was full for 5s; try again later, or add consumers")
            #expect(queue.count.ready == 1)
        }
    }

    @Test("A timeout of none refuses at once, and so does a queue whose driver does not run")
    func refusedAtOnce() async throws {
        let test = TestDriver()
        let (impatient, patient) = (test.queue(maxLength: 1, publishTimeout: .zero), test.queue(maxLength: 1))
        for queue in [impatient, patient] { try await queue.publish(.number(0)) }
        await #expect(throws: WippyError.self) { try await patient.publish(.number(1)) }
        try await running(test.service) { _ in
            await #expect(throws: WippyError.self) { try await impatient.publish(.number(1)) }
        }
        let error = await #expect(throws: WippyError.self) { try await patient.publish(.number(1)) }
        #expect(error?.message == "the queue 'app:tasks' takes no messages: its driver does not run")
    }

    @Test("A publisher whose task is cancelled leaves without its message")
    func cancelledPublisher() async throws {
        let test = TestDriver()
        let queue = test.queue(maxLength: 1)
        try await running(test.service) { _ in
            try await queue.publish(.number(0))
            let publisher = Task { try await queue.publish(.number(1)) }
            try await eventually { !test.clock.deadlines.isEmpty }
            publisher.cancel()
            await #expect(throws: CancellationError.self) { try await publisher.value }
            let subscription = queue.subscribe(prefetch: 1)
            _ = try await subscription.next()
            #expect(queue.count == MessageCount(ready: 0, delayed: 0, claimed: 1))
        }
    }

    @Test("A worker whose task is cancelled takes no message")
    func cancelledWorker() async throws {
        let queue = TestDriver().queue()
        let subscription = queue.subscribe(prefetch: 1)
        let worker = Task { try await subscription.next() }
        worker.cancel()
        await #expect(throws: CancellationError.self) { try await worker.value }
        try await queue.publish(.number(0))
        #expect(queue.count == MessageCount(ready: 1, delayed: 0, claimed: 0))
    }

    @Test("A message is accepted at once where there is room, and no other")
    func atOnce() async throws {
        let queue = TestDriver().queue(maxLength: 1)
        #expect(
            await Task {
                withUnsafeCurrentTask { $0?.cancel() }
                return try? queue.publishAtOnce(.number(0))
            }.value == false)
        #expect(throws: WippyError.self) {
            try queue.publishAtOnce(Message(body: 0, headers: [MessageOption.delay.header: 1]))
        }
        #expect(queue.count.total == 0)
        #expect(try queue.publishAtOnce(.number(0)))
        #expect(try !queue.publishAtOnce(.number(1)))
        #expect(queue.count == MessageCount(ready: 1, delayed: 0, claimed: 0))
    }

    @Test("A worker that is cancelled between getting a message and going on gives it back")
    func cancelledAfterHandover() async throws {
        let queue = TestDriver().queue()
        let subscription = queue.subscribe(prefetch: 1)
        let executor = OneThread()
        let worker = Task(executorPreference: executor) { try await subscription.next() }
        // On its only thread nothing runs between the two calls, nor before the worker has begun to wait.
        await Task(executorPreference: executor) {
            #expect(queue.accept(.number(0)))
            #expect(queue.count.claimed == 1)
            worker.cancel()
        }.value
        await #expect(throws: CancellationError.self) { try await worker.value }
        try #require(queue.count == MessageCount(ready: 1, delayed: 0, claimed: 0))
        #expect(try await subscription.next()?.attempt == 1)
    }

    @Test("If a worker is cancelled while a message arrives, the message is with the worker or in the queue")
    func cancellationRace() async throws {
        let queue = TestDriver().queue()
        let subscription = queue.subscribe(prefetch: 1)
        for _ in 0..<300 {
            let worker = Task { try await subscription.next() }
            let publisher = Task { try await queue.publish(.number(0)) }
            worker.cancel()
            _ = try await publisher.value
            let delivery = try? await worker.value
            let (ready, taken) = delivery == nil ? (1, 0) : (0, 1)
            #expect(queue.count == MessageCount(ready: ready, delayed: 0, claimed: taken))
            if let delivery {
                try await subscription.settle(delivery, .acknowledged)
            } else {
                try await subscription.settle(try #require(try await subscription.next()), .acknowledged)
            }
        }
    }

    @Test("A rejected message comes again when its delay has passed")
    func delayed() async throws {
        let test = TestDriver()
        let queue = test.queue(retry: QueueRetry(initialDelay: .seconds(2), jitter: 0))
        try await running(test.service) { _ in
            try await queue.publish(.number(0))
            let subscription = queue.subscribe(prefetch: 1)
            let first = try #require(try await subscription.next())
            try await subscription.settle(first, .rejected(reason: "no"))
            #expect(queue.count == MessageCount(ready: 0, delayed: 1, claimed: 0))
            async let second = subscription.next()
            test.clock.advance(by: .seconds(2))
            let again = try #require(try await second)
            #expect(again.attempt == 2)
            #expect(again.message.id == first.message.id)
            #expect(again.message.attempts == 1)
        }
    }

    @Test("An earlier moment comes before a later one that was asked for first")
    func earlierMoment() async throws {
        let test = TestDriver()
        let (slow, fast) = (
            test.queue("slow", retry: QueueRetry(initialDelay: .seconds(20), jitter: 0)),
            test.queue("fast", retry: QueueRetry(initialDelay: .seconds(1), jitter: 0))
        )
        try await running(test.service) { _ in
            for queue in [slow, fast] {
                try await queue.publish(.number(0))
                let subscription = queue.subscribe(prefetch: 1)
                try await subscription.settle(try #require(try await subscription.next()), .rejected(reason: "no"))
                try await eventually { !test.clock.deadlines.isEmpty }
            }
            try await eventually { test.clock.deadlines == [.seconds(1)] }
            test.clock.advance(by: .seconds(1))
            try await eventually { fast.count.ready == 1 && test.clock.deadlines == [.seconds(20)] }
            #expect(slow.count.delayed == 1)
            test.clock.advance(by: .seconds(19))
            try await eventually { slow.count.ready == 1 }
        }
    }

    @Test("A dead letter says where it came from, why, when and after how many attempts")
    func deadLetter() async throws {
        let test = TestDriver()
        let dead = test.queue("dead")
        let queue = test.queue(deadLetters: dead, maxAttempts: 2)
        let message = Message(body: ["title": "x"], headers: ["trace": "1"])
        try await queue.publish(message)
        let subscription = queue.subscribe(prefetch: 1)
        for _ in 1...2 {
            try await subscription.settle(
                try #require(try await subscription.next()), .rejected(reason: "no such table"))
        }
        let letter = try #require(try await dead.subscribe(prefetch: 1).next())
        #expect(letter.message.id == message.id)
        #expect(letter.message.body == message.body)
        #expect(letter.attempt == 1)
        let headers = letter.message.headers
        #expect(headers["trace"] == "1")
        #expect(headers["timestamp"]?.integer != nil)
        #expect(headers["x_original_queue"] == "app:tasks")
        #expect(headers["x_dead_letter_reason"] == "no such table")
        #expect(headers["x_attempts"] == 2)
        let time = try #require(headers["x_dead_letter_time"]?.string)
        #expect(time.wholeMatch(of: /20\d\d-[01]\d-[0-3]\dT[0-2]\d:[0-5]\d:[0-6]\dZ/) != nil)
        #expect(queue.count == MessageCount(ready: 0, delayed: 0, claimed: 0))
    }

    @Test("The time of a dead letter is the moment in UTC")
    func deadLetterTime() {
        let letter = DeadLetters(id: .app("dead"), queue: Link(TestDriver().queue("dead")), maxAttempts: 1).letter(
            for: .number(1), from: .app("tasks"), reason: String(repeating: "x", count: 10_000),
            at: LogTime(seconds: 951_782_400 + 3661))
        #expect(letter.headers["x_dead_letter_time"] == "2000-02-29T01:01:01Z")
        #expect(letter.headers["x_dead_letter_reason"]?.string?.count == DeadLetters.maxReasonLength)
    }

    @Test("While the dead-letter queue is full, the message stays and is offered again, and the log says so")
    func fullDeadLetters() async throws {
        let test = TestDriver()
        let dead = test.queue("dead", maxLength: 1)
        let queue = test.queue(
            retry: QueueRetry(initialDelay: .seconds(1), jitter: 0), deadLetters: dead, maxAttempts: 1)
        try await running(test.service) { _ in
            for number in 0..<2 { try await queue.publish(.number(number)) }
            let subscription = queue.subscribe(prefetch: 1)
            for _ in 0..<2 {
                try await subscription.settle(try #require(try await subscription.next()), .rejected(reason: "no"))
            }
            #expect(queue.count == MessageCount(ready: 0, delayed: 1, claimed: 0))
            #expect(
                test.lines.records.map(\.message) == [
                    "the dead-letter queue did not take a message; the message is tried again"
                ])
            #expect(test.lines.records.first?.entry == "app:tasks")
            let letters = dead.subscribe(prefetch: 1)
            try await letters.settle(try #require(try await letters.next()), .acknowledged)
            async let next = subscription.next()
            test.clock.advance(by: .seconds(1))
            try await subscription.settle(try #require(try await next), .rejected(reason: "no"))
            let letter = try #require(try await letters.next())
            #expect(letter.number == 1)
            #expect(letter.message.headers["x_attempts"] == 2)
            try await letters.settle(letter, .acknowledged)
        }
    }

    @Test("At its stop the driver counts what is left, in one warning for each queue")
    func countOfTheLeft() async throws {
        let test = TestDriver()
        let (one, other, empty) = (test.queue("one"), test.queue("other"), test.queue("empty"))
        try await running(test.service) { _ in
            for number in 0..<3 { try await one.publish(.number(number)) }
            try await other.publish(.number(3))
            let subscription = one.subscribe(prefetch: 1)
            _ = try await subscription.next()
        }
        let lines = test.lines.records
        #expect(lines.map(\.entry) == ["app:one", "app:other"])
        #expect(lines.allSatisfy { $0.message == "messages are left in memory; they are lost when the process ends" })
        #expect(lines.allSatisfy { $0.level == .warning })
        #expect(lines.map(\.metadata).first == ["count": 3, "ready": 2, "delayed": 0, "claimed": 1])
        #expect(lines.map(\.metadata).last == ["count": 1, "ready": 1, "delayed": 0, "claimed": 0])
        await #expect(throws: WippyError.self) { try await empty.publish(.number(0)) }
    }

    @Test("A driver without messages stops in silence, refuses who waited, and can run again")
    func emptyStop() async throws {
        let test = TestDriver()
        let queue = test.queue(maxLength: 1)
        for _ in 0..<2 {
            try await running(test.service) { stop in
                try await queue.publish(.number(0))
                let waiting = Task { try await queue.publish(.number(1)) }
                try await eventually { !test.clock.deadlines.isEmpty }
                stop.fire()
                await #expect(throws: WippyError.self) { try await waiting.value }
            }
            let subscription = queue.subscribe(prefetch: 1)
            try await subscription.settle(try #require(try await subscription.next()), .acknowledged)
            await subscription.close()
        }
        try await running(test.service) { _ in }
        #expect(test.lines.records.count == 2)
    }
}
