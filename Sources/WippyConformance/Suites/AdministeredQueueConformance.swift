import WippyDefinition
public import WippyMessaging
public import WippyRuntime
import WippyTestTools
import WippyValues

/// Tests the queues of a driver against the rules of `AdministeredQueue`.
///
/// ```swift
/// try await AdministeredQueueConformance { environment, folder in
///     let database = MyDatabase(file: "\(folder)/queue.db")
///     let driver = MyDriver(database, clock: environment.clock)
///     return (driver, storage: database, driver.service)
/// }.check()
/// ```
///
/// ``QueueDriverConformance`` tests the rules of every queue.
public struct AdministeredQueueConformance: Sendable {
    private let suite: QueueSuite

    /// Creates a test of a driver's queues.
    ///
    /// - Parameters:
    ///   - optionsOfOne: the options of a queue that is full when it holds one message; nil if the driver's queues are
    ///     never full. Default: nil.
    ///   - clock: the driver's clock. Default: a `TestClock`, which moves only when a rule lets time pass. A driver
    ///     that polls needs `SystemClock()`.
    ///   - limit: the longest time that the test waits for one event, in real time. Default: 60 s.
    ///   - failStorage: makes every call of the driver's storage fail if `fails` is true, and lets the storage work
    ///     again if `fails` is false. If this closure is nil, no rule about a failing storage is tested. Default: nil.
    ///   - make: makes the driver, the service of its storage, such as a database, and the driver's own service. The
    ///     storage is nil if the driver needs no other service. The closure may be called several times for each rule,
    ///     with the same folder. The folder is new for each rule, and its name is unique.
    public init<Driver: QueueDriver>(
        optionsOfOne: Driver.Options? = nil, clock: (any RuntimeClock)? = nil, limit: Duration = .seconds(60),
        failStorage: (@Sendable (_ driver: Driver, _ fails: Bool) async throws -> Void)? = nil,
        _ make:
            @escaping @Sendable (_ environment: RuntimeEnvironment, _ folder: String) async throws -> (
                driver: Driver, storage: (any ManagedService)?, service: any ManagedService
            )
    ) where Driver.Queue: AdministeredQueue {
        suite = QueueSuite(
            optionsOfOne: optionsOfOne, clock: clock, limit: limit, failStorage: failStorage, make)
    }

    /// Tests every rule that the arguments of the initializer allow.
    ///
    /// - Returns: the rules that were not tested, because `optionsOfOne` or `failStorage` is nil.
    /// - Throws: `BrokenRule` for the first broken rule, or `CancellationError` in its place if the task is
    ///   cancelled.
    @discardableResult
    public func check() async throws -> [String] {
        let rules =
            Self.rules + Self.rulesOfBounded.map { $0.tested(if: suite.isBounded) }
            + Self.rulesOfFailures.map { $0.tested(if: suite.canFail) }
        return try await suite.check(rules, of: "administered queue")
    }

    private static let rules: [Rule<QueueBench>] = [
        Rule("'peek' gives the messages that workers would get next, and then the delayed ones", peeked),
        Rule("'peek' leaves the messages as they are, and counts no attempt", peekedOnly),
        Rule("'peek' gives at most as many messages as asked for, and none that a worker has", peekedAtMost),
        Rule("A retried dead letter comes from its old queue, and its attempts count from zero", retriedLetter),
        Rule("A retried delayed message comes at once, and keeps its attempts", retriedDelayed),
        Rule("'retry' changes at most as many messages as asked for, and returns their number", retriedAtMost),
        Rule("'purge' removes every message that no worker has, and returns the number", purged),
        Rule("A paused queue accepts messages, and gives none until it is resumed", paused),
        Rule("A pause lasts over a restart", pausedOverRestart),
        Rule("Every call works while the driver's own service does not run", withoutDriver),
    ]

    private static let rulesOfBounded: [Rule<QueueBench>] = [
        Rule("'purge' makes room for publishers that wait", purgedRoom)
    ]

    private static let rulesOfFailures: [Rule<QueueBench>] = [
        Rule("If the storage fails, a call throws an error and changes nothing", failing)
    ]
}

// Looking.
extension AdministeredQueueConformance {
    /// A delay that does not end during a rule.
    private static let long = Duration.seconds(3600)

    static func peeked(_ test: QueueBench) async throws {
        let queue = try test.queue(delay: long)
        try await test.running {
            try await queue.publishFailed()
            try await queue.publish(1..<4)
            let kept = try await queue.peek()
            try require("the messages", kept.map(\.message.body), is: [1, 2, 3, 0])
            try require("their attempts", kept.map(\.message.attempts), is: [0, 0, 0, 1])
            try require("which of them wait", kept.map { $0.delay > .zero }, is: [false, false, false, true])
        }
    }

    static func peekedOnly(_ test: QueueBench) async throws {
        let queue = try test.queue()
        try await test.running {
            let messages = (0..<3).map { Message(body: .integer($0), headers: ["trace": "1"]) }
            for message in messages { try await queue.publish(message) }
            for _ in 0..<3 {
                let kept = try await queue.peek()
                try require("the ids", kept.map(\.message.id), is: messages.map(\.id))
                try require("a header", kept.first?.message.headers["trace"], is: "1")
            }
            let subscription = try await queue.subscribe()
            for message in messages {
                let delivery = try await subscription.settleNext(.acknowledged)
                try require("the message that comes", delivery.message.id, is: message.id)
                try require("its attempt", delivery.attempt, is: 1)
            }
        }
    }

    static func peekedAtMost(_ test: QueueBench) async throws {
        let queue = try test.queue()
        try await test.running {
            try await queue.publish(0..<1)
            let subscription = try await queue.subscribe()
            let delivery = try await subscription.take()
            try await queue.publish(1..<4)
            try require("two messages", try await queue.peek(atMost: 2).map(\.message.body), is: [1, 2])
            try require("all messages", try await queue.peek().map(\.message.body), is: [1, 2, 3])
            try await subscription.settle(delivery, .acknowledged)
        }
    }
}

// Trying again.
extension AdministeredQueueConformance {
    static func retriedLetter(_ test: QueueBench) async throws {
        let dead = try test.queue("dead")
        let queue = try test.queue(deadLetters: (dead.id, dead.queue), maxAttempts: 2)
        try await test.running {
            let message = Message(body: ["title": "x"], headers: ["trace": "1"])
            try await queue.publish(message)
            let subscription = try await queue.subscribe()
            for _ in 0..<2 {
                try await test.whileTimePasses { for _ in 0..<2 { try await subscription.settleNext(.failed) } }
                try await test.patience.eventually("the letter comes") { try await dead.total() == 1 }
                // The worker waits already when the message comes back.
                let worker = Task { try await subscription.take() }
                defer { worker.cancel() }
                try require("the number of retried letters", try await dead.retry(), is: 1)
                let delivery = try await test.patience.outcome(of: "the worker of the old queue", worker)
                try require("the message", delivery.message.id, is: message.id)
                try require("its body", delivery.message.body, is: message.body)
                try require("its header", delivery.message.headers["trace"], is: "1")
                try require("its queue", delivery.queue, is: queue.id)
                try require("its attempt", delivery.attempt, is: 1)
                try require("what is left of the letters", try await dead.total(), is: 0)
                try await subscription.settle(delivery, .returned)
            }
            try await subscription.settleNext(.acknowledged)
            try require("what is left", try await queue.total(), is: 0)
        }
    }

    static func retriedDelayed(_ test: QueueBench) async throws {
        let queue = try test.queue(delay: long)
        try await test.running {
            try await queue.publish(0..<2)
            let subscription = try await queue.subscribe()
            for _ in 0..<2 { try await subscription.settleNext(.failed) }
            let worker = Task { try await subscription.take() }
            defer { worker.cancel() }
            try require("the number of retried messages", try await queue.retry(), is: 2)
            let first = try await test.patience.outcome(of: "the worker", worker)
            let second = try await subscription.take()
            try require("the attempts", [first.attempt, second.attempt], is: [2, 2])
            for delivery in [first, second] { try await subscription.settle(delivery, .acknowledged) }
            try require("what is left", try await queue.total(), is: 0)
        }
    }

    static func retriedAtMost(_ test: QueueBench) async throws {
        let dead = try test.queue("dead", delay: long)
        let queue = try test.queue(delay: long, deadLetters: (dead.id, dead.queue), maxAttempts: 1)
        try await test.running {
            try await queue.publish(0..<3)
            let subscription = try await queue.subscribe()
            for _ in 0..<3 { try await subscription.settleNext(.failed) }
            try await test.patience.eventually("the letters come") { try await dead.total() == 3 }
            try require("the number of retried letters", try await dead.retry(atMost: 2), is: 2)
            try require("the letters that stay", try await dead.total(), is: 1)
            try require("the messages that are back", try await queue.total(), is: 2)
            try require("the number of the others", try await dead.retry(atMost: 2), is: 1)
            try require("the number when there is none", try await dead.retry(atMost: 2), is: 0)
        }
    }
}

// Removing and pausing.
extension AdministeredQueueConformance {
    static func purged(_ test: QueueBench) async throws {
        let queue = try test.queue(delay: long)
        try await test.running {
            try await queue.publishFailed()
            try await queue.publish(1..<2)
            let subscription = try await queue.subscribe()
            let delivery = try await subscription.take()
            try await queue.publish(2..<4)
            try require("the number of removed messages", try await queue.purge(), is: 3)
            let count = try await queue.count()
            try require("the messages with a worker", count.claimed, is: 1)
            try require("the other messages", count.ready + count.delayed, is: 0)
            try await subscription.settle(delivery, .returned)
            let again = try await subscription.settleNext(.acknowledged)
            try require("the worker's message", again.message.id, is: delivery.message.id)
            try require("what is left", try await queue.total(), is: 0)
        }
    }

    static func purgedRoom(_ test: QueueBench) async throws {
        let queue = try test.queue(publishTimeout: long, isFullWithOne: true)
        try await test.running {
            try await queue.publish(0..<1)
            let publisher = Task { try await queue.publish(1..<2) }
            defer { publisher.cancel() }
            try await test.whileTimePasses { try await test.clock.sleep(for: .milliseconds(200)) }
            try require("the number of removed messages", try await queue.purge(), is: 1)
            try await test.patience.outcome(of: "'publish'", publisher)
            try require("the message", try await queue.peek().map(\.message.body), is: [1])
        }
    }

    static func paused(_ test: QueueBench) async throws {
        let queue = try test.queue()
        try await test.running {
            let subscription = try await queue.subscribe()
            try await queue.pause()
            try await queue.publish(0..<2)
            try await requireRest(of: queue, subscription, with: 2, test) {
                try await queue.resume()
            }
            let next = try await subscription.settleNext(.acknowledged)
            try require("the second message", next.message.body, is: 1)
        }
    }

    static func pausedOverRestart(_ test: QueueBench) async throws {
        let queue = try test.queue()
        try await test.running {
            try await queue.publish(0..<1)
            try await queue.pause()
        }
        let anew = try await test.madeAnew()
        let same = try anew.queue()
        try await anew.running {
            let subscription = try await same.subscribe()
            try await requireRest(of: same, subscription, with: 1, anew) { try await same.resume() }
        }
        let last = try await test.madeAnew()
        let resumed = try last.queue()
        try await last.running {
            try await resumed.publish(1..<2)
            try await resumed.subscribe().settleNext(.acknowledged)
        }
    }

    /// Requires that a paused queue gives nothing to a worker that waits, and gives a message after its resumption.
    private static func requireRest(
        of queue: BenchQueue, _ subscription: BenchSubscription, with count: Int, _ test: QueueBench,
        until resume: () async throws -> Void
    ) async throws {
        let worker = Task { try await subscription.take() }
        defer { worker.cancel() }
        try await test.whileTimePasses { try await test.clock.sleep(for: .milliseconds(300)) }
        let paused = try await queue.count()
        try require("the messages with a worker during the pause", paused.claimed, is: 0)
        try require("the messages that are ready during the pause", paused.ready, is: count)
        try await resume()
        let delivery = try await test.patience.outcome(of: "a worker after the pause", worker)
        try require("the first message", delivery.message.body, is: 0)
        try require("its attempt", delivery.attempt, is: 1)
        try await subscription.settle(delivery, .acknowledged)
    }

    static func withoutDriver(_ test: QueueBench) async throws {
        func queues(of bench: QueueBench) throws -> (dead: BenchQueue, tasks: BenchQueue) {
            let dead = try bench.queue("dead")
            return (dead, try bench.queue(delay: long, deadLetters: (dead.id, dead.queue), maxAttempts: 1))
        }
        let first = try queues(of: test)
        try await test.running {
            try await first.tasks.publishFailed()
            try await first.tasks.publish(1..<3)
            try await test.patience.eventually("the letter comes") { try await first.dead.total() == 1 }
        }
        let second = try await test.madeAnew()
        let (dead, tasks) = try queues(of: second)
        try await second.runningStorage {
            try require("the messages", try await tasks.peek().map(\.message.body), is: [1, 2])
            try require("the number of retried letters", try await dead.retry(), is: 1)
            try require("the number of messages with it", try await tasks.total(), is: 3)
            try await tasks.pause()
            try require("the number of removed messages", try await tasks.purge(), is: 3)
            try require("what is left", try await tasks.total(), is: 0)
        }
        let third = try await test.madeAnew()
        let last = try queues(of: third).tasks
        try await third.running {
            try await last.publish(0..<1)
            let subscription = try await last.subscribe()
            try await requireRest(of: last, subscription, with: 1, third) { try await last.resume() }
        }
    }
}

// A storage that fails.
extension AdministeredQueueConformance {
    static func failing(_ test: QueueBench) async throws {
        let queue = try test.queue(delay: long)
        let calls: [(name: String, call: @Sendable () async throws -> Void)] = [
            ("'peek'", { _ = try await queue.peek() }), ("'retry'", { _ = try await queue.retry() }),
            ("'purge'", { _ = try await queue.purge() }), ("'pause'", { try await queue.pause() }),
        ]
        try await test.running {
            try await queue.publishFailed()
            try await queue.publish(1..<3)
            for (name, call) in calls {
                try await test.whileStorageFails {
                    do {
                        try await call()
                    } catch let problem as Finding {
                        throw problem
                    } catch {
                        return
                    }
                    throw Finding("\(name) must throw an error, and threw nothing")
                }
                let count = try await queue.count()
                try require("the ready messages after \(name) has failed", count.ready, is: 2)
                try require("the delayed messages after \(name) has failed", count.delayed, is: 1)
            }
            // A queue that was paused would give nothing.
            let subscription = try await queue.subscribe()
            let delivery = try await test.whileTimePasses { try await subscription.settleNext(.acknowledged) }
            try require("the next message", delivery.message.body, is: 1)
        }
    }
}

extension BenchQueue {
    private func administered() throws -> any AdministeredQueue {
        guard let queue = queue as? any AdministeredQueue else { throw Finding("it must be an AdministeredQueue") }
        return queue
    }

    fileprivate func peek(atMost most: Int = 100) async throws -> [QueuedMessage] {
        let queue = try administered()
        return try await patience.outcome(of: "'peek'") { try await queue.peek(atMost: most) }
    }

    fileprivate func retry(atMost most: Int = 100) async throws -> Int {
        let queue = try administered()
        return try await patience.outcome(of: "'retry'") { try await queue.retry(atMost: most) }
    }

    fileprivate func purge() async throws -> Int {
        let queue = try administered()
        return try await patience.outcome(of: "'purge'") { try await queue.purge() }
    }

    fileprivate func pause() async throws {
        let queue = try administered()
        try await patience.outcome(of: "'pause'") { try await queue.pause() }
    }

    fileprivate func resume() async throws {
        let queue = try administered()
        try await patience.outcome(of: "'resume'") { try await queue.resume() }
    }
}
