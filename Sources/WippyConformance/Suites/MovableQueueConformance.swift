import Synchronization
import WippyDefinition
public import WippyMessaging
public import WippyRuntime
import WippyTestTools
import WippyValues

/// Tests the queues of a driver against the rules of `MovableQueue`.
///
/// ```swift
/// try await MovableQueueConformance { environment, folder in
///     let driver = MyDriver(file: "\(folder)/queue.db", clock: environment.clock)
///     return (driver, driver.service)
/// }.check()
/// ```
///
/// ``QueueDriverConformance`` tests the rules of every queue.
public struct MovableQueueConformance: Sendable {
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
    ///   - make: makes the driver and the service behind it. It may be called several times for each rule, with the
    ///     same folder. The folder is new for each rule, and its name is unique.
    public init<Driver: QueueDriver>(
        optionsOfOne: Driver.Options? = nil, clock: (any RuntimeClock)? = nil, limit: Duration = .seconds(60),
        failStorage: (@Sendable (_ driver: Driver, _ fails: Bool) async throws -> Void)? = nil,
        _ make:
            @escaping @Sendable (_ environment: RuntimeEnvironment, _ folder: String) async throws -> (
                driver: Driver, service: any ManagedService
            )
    ) where Driver.Queue: MovableQueue {
        suite = QueueSuite(optionsOfOne: optionsOfOne, clock: clock, limit: limit, failStorage: failStorage) {
            let made = try await make($0, $1)
            return (made.driver, nil, made.service)
        }
    }

    /// Tests every rule that the arguments of the initializer allow.
    ///
    /// - Returns: the rules that were not tested, because `optionsOfOne` or `failStorage` is nil.
    /// - Throws: `BrokenRule` for the first broken rule, or `CancellationError` in its place if the task is
    ///   cancelled; the error of `make` or of the driver if no queue can be made before the first rule.
    @discardableResult
    public func check() async throws -> [String] {
        let queue = try await suite.anyQueue()
        let rules =
            Self.rules + (queue.isDurable ? Self.rulesOfDurable : [])
            + Self.rulesOfBounded.map { $0.tested(if: suite.isBounded) }
            + Self.rulesOfFailures.map { $0.tested(if: suite.canFail) }
        return try await suite.check(rules, of: "movable queue")
    }

    private static let rules: [Rule<QueueBench>] = [
        Rule("Moved messages come in their order, as they were published", content),
        Rule("Moved messages keep their attempts", attempts),
        Rule("A moved message keeps its delay", delays),
        Rule("A moved message comes when its delay is over, not before", dueTime),
        Rule("A message that a worker has stays, and the worker settles it", claimed),
        Rule("Every message of a long queue moves, and none is doubled", many),
        Rule("If the other queue refuses the messages, they stay as they were", refused),
        Rule("A worker that waits gets an accepted message", waiting),
        Rule("An accepted message counts for the number that draining returns", drainCounts),
        Rule("Draining ends when the last message has moved", drainsByMove),
        Rule("Moved messages with a 'priority' that the driver supports come in the order of priorities", priorities),
        Rule("The time of a 'ttl' that the driver supports does not begin again with a move", timeToLive),
        Rule("The 'unique' key of a moved message counts in the other queue", uniqueKey),
    ]

    private static let rulesOfDurable: [Rule<QueueBench>] = [
        Rule("Accepted messages stay when the process ends, and moved messages do not come back", overRestart)
    ]

    private static let rulesOfBounded: [Rule<QueueBench>] = [
        Rule("A full queue accepts all messages of another queue", acceptedOverLimit),
        Rule("A publisher that waits gets the room of moved messages", room),
    ]

    private static let rulesOfFailures: [Rule<QueueBench>] = [
        Rule("If the storage fails while messages are accepted, all of them are accepted or none", acceptedTogether),
        Rule("If the storage fails while messages move, each of them stays", notMoved),
    ]
}

// What moves.
extension MovableQueueConformance {
    /// A delay that does not end during a rule.
    private static let long = Duration.seconds(3600)

    /// The time that a rule lets pass.
    private static let time = Duration.milliseconds(200)

    static func content(_ test: QueueBench) async throws {
        let (queue, other) = (try test.queue(), try test.queue("other"))
        let messages = (0..<5).map { Message(body: ["number": .integer($0)], headers: ["trace": .integer($0)]) }
        try await test.running {
            for message in messages { try await queue.publish(message) }
            try await queue.moveMessages(to: other)
            try require("what is left", try await queue.total(), is: 0)
            let subscription = try await other.subscribe()
            for message in messages {
                let delivery = try await subscription.settleNext(.acknowledged)
                try require("the id", delivery.message.id, is: message.id)
                try require("the body", delivery.message.body, is: message.body)
                try require("the header", delivery.message.headers["trace"], is: message.headers["trace"])
                try require("the attempt", delivery.attempt, is: 1)
                try require("the queue of the delivery", delivery.queue, is: other.id)
                let second = delivery.message.headers[MessageHeader.timestamp]?.integer
                try require(
                    second.map { abs($0 - test.begin) < 86_400 } == true,
                    "the message must have the second of its publishing, got \(second.map(String.init) ?? "nothing")")
            }
        }
    }

    static func attempts(_ test: QueueBench) async throws {
        let (queue, other) = (try test.queue(), try test.queue("other"))
        try await test.running {
            try await queue.publish(0..<1)
            let subscription = try await queue.subscribe()
            try await test.whileTimePasses { for _ in 0..<2 { try await subscription.settleNext(.failed) } }
            try await queue.moveMessages(to: other)
            let delivery = try await test.whileTimePasses { try await other.subscribe().settleNext(.acknowledged) }
            try require("the attempt", delivery.attempt, is: 3)
        }
    }

    static func delays(_ test: QueueBench) async throws {
        let (queue, other) = (try test.queue(delay: long), try test.queue("other"))
        let shelf = MessageShelf()
        try await test.running {
            try await queue.publishFailed()
            try await queue.publish(1..<2)
            try await queue.moveMessages(to: other)
            try require("the delayed messages", try await other.count().delayed, is: 1)
            try require("the ready messages", try await other.count().ready, is: 1)
            try await other.moveMessages(to: shelf)
            let kept = shelf.messages
            try require("the messages", kept.map(\.message.body), is: [1, 0])
            try require("their attempts", kept.map(\.message.attempts), is: [0, 1])
            let delay = kept[1].delay
            try require(delay <= long && delay > long / 2, "the delay must be about \(long), got \(delay)")
            try require("the delay of a ready message", kept[0].delay, is: .zero)
        }
    }

    static func dueTime(_ test: QueueBench) async throws {
        let other = try test.queue("other")
        try await test.running {
            let start = test.clock.now
            try await other.accept([
                QueuedMessage(message: Message(body: 0, attempts: 1), delay: time),
                QueuedMessage(message: Message(body: 1), delay: .zero),
            ])
            let subscription = try await other.subscribe()
            try require("the message without a delay", try await subscription.settleNext(.acknowledged).number, is: 1)
            let delivery = try await test.whileTimePasses { try await subscription.settleNext(.acknowledged) }
            try require("the other message", delivery.number, is: 0)
            try require("its attempt", delivery.attempt, is: 2)
            let delay = test.clock.now - start
            try require(delay >= time, "it must come after \(time), and came after \(delay)")
        }
    }

    static func claimed(_ test: QueueBench) async throws {
        let (queue, other) = (try test.queue(), try test.queue("other"))
        try await test.running {
            try await queue.publish(0..<1)
            let subscription = try await queue.subscribe()
            let delivery = try await subscription.take()
            try await queue.publish(1..<3)
            try await queue.moveMessages(to: other)
            try require("the messages with a worker", try await queue.count().claimed, is: 1)
            try require("the moved messages", try await other.total(), is: 2)
            try await subscription.settle(delivery, .returned)
            let again = try await subscription.settleNext(.acknowledged)
            try require("the worker's message", again.message.id, is: delivery.message.id)
            try require("what is left", try await queue.total(), is: 0)
        }
    }

    static func many(_ test: QueueBench) async throws {
        let (count, queue) = (600, try test.queue())
        let shelf = MessageShelf()
        try await test.running {
            try await queue.publish(0..<count)
            try await queue.moveMessages(to: shelf)
            try require("what is left", try await queue.total(), is: 0)
            let numbers = shelf.messages.map(\.message.body.integer)
            try require("the number of moved messages", numbers.count, is: count)
            try require(numbers == (0..<count).map { $0 }, "the messages must come in their order")
        }
    }

    static func refused(_ test: QueueBench) async throws {
        let queue = try test.queue(delay: long)
        let shelf = MessageShelf(isOpen: false)
        try await test.running {
            try await queue.publishFailed()
            try await queue.publish(1..<3)
            try await require("'moveMessages'", throws: WippyError.self) { try await queue.moveMessages(to: shelf) }
            let count = try await queue.count()
            try require("the ready messages", count.ready, is: 2)
            try require("the delayed messages", count.delayed, is: 1)
            let subscription = try await queue.subscribe()
            for number in 1...2 {
                let delivery = try await subscription.settleNext(.acknowledged)
                try require("the next message", delivery.number, is: number)
                try require("its attempt", delivery.attempt, is: 1)
            }
            shelf.open()
            try await queue.moveMessages(to: shelf)
            try require("the messages that move later", shelf.messages.map(\.message.body), is: [0])
            try require("their attempts", shelf.messages.map(\.message.attempts), is: [1])
        }
    }
}

// Accepting.
extension MovableQueueConformance {
    static func waiting(_ test: QueueBench) async throws {
        let (queue, other) = (try test.queue(), try test.queue("other"))
        try await test.running {
            let subscription = try await other.subscribe()
            let worker = Task { try await subscription.settleNext(.acknowledged) }
            defer { worker.cancel() }
            try await test.whileTimePasses { try await test.clock.sleep(for: time) }
            try await queue.publish(0..<1)
            try await queue.moveMessages(to: other)
            let delivery = try await test.patience.outcome(of: "a worker of the other queue", worker)
            try require("the message", delivery.number, is: 0)
        }
    }

    static func drainCounts(_ test: QueueBench) async throws {
        let other = try test.queue("other")
        try await test.running {
            let before = try await other.drain(until: .zero)
            try await other.accept((0..<3).map { QueuedMessage(message: Message(body: .integer($0)), delay: .zero) })
            let subscription = try await other.subscribe()
            for _ in 0..<3 { try await subscription.settleNext(.acknowledged) }
            try require("the growth of the number", try await other.drain(until: .zero) - before, is: 3)
        }
    }

    static func drainsByMove(_ test: QueueBench) async throws {
        let (queue, other) = (try test.queue(), try test.queue("other"))
        try await test.running {
            try await queue.publish(0..<1)
            let draining = Task { try await queue.drain(until: test.clock.now + .seconds(86_400)) }
            defer { draining.cancel() }
            try await test.whileTimePasses { try await test.clock.sleep(for: time) }
            try await queue.moveMessages(to: other)
            _ = try await test.patience.outcome(of: "'drain'", draining)
        }
    }

    static func priorities(_ test: QueueBench) async throws {
        guard test.supports(.priority) else { return }
        let (queue, other) = (try test.queue(), try test.queue("other"))
        try await test.running {
            for priority in [3, 9, 0] {
                try await queue.publish(
                    Message(body: .integer(priority), headers: [MessageOption.priority.header: .integer(priority)]))
            }
            try await queue.moveMessages(to: other)
            try await other.publish(Message(body: 5, headers: [MessageOption.priority.header: 5]))
            let subscription = try await other.subscribe()
            for priority in [9, 5, 3, 0] {
                try require("the message", try await subscription.settleNext(.acknowledged).number, is: priority)
            }
        }
    }

    static func timeToLive(_ test: QueueBench) async throws {
        guard test.supports(.timeToLive) else { return }
        let (queue, other) = (try test.queue(), try test.queue("other"))
        try await test.running {
            let header = Value.string("\(Int(time * 3 / 2 / .milliseconds(1)))ms")
            try await queue.publish(Message(body: 0, headers: [MessageOption.timeToLive.header: header]))
            try await queue.publish(1..<2)
            try await test.whileTimePasses { try await test.clock.sleep(for: time) }
            try await queue.moveMessages(to: other)
            try await test.whileTimePasses { try await test.clock.sleep(for: time) }
            let delivery = try await other.subscribe().settleNext(.acknowledged)
            try require("the message that may wait", delivery.number, is: 1)
            try await test.patience.eventually("no message is left") { try await other.total() == 0 }
        }
    }

    static func uniqueKey(_ test: QueueBench) async throws {
        guard test.supports(.uniqueKey) else { return }
        let (queue, other) = (try test.queue(), try test.queue("other"))
        let message = Message(body: 0, headers: [MessageOption.uniqueKey.header: "a"])
        try await test.running {
            try await queue.publish(message)
            try await queue.moveMessages(to: other)
            try await other.publish(Message(body: 1, headers: message.headers))
            try require("the messages with the key", try await other.total(), is: 1)
            try require("the message", try await other.subscribe().settleNext(.acknowledged).number, is: 0)
        }
    }

    static func overRestart(_ test: QueueBench) async throws {
        let (queue, other) = (try test.queue(delay: long), try test.queue("other"))
        try await test.running {
            try await queue.publishFailed()
            try await queue.publish(1..<3)
            try await queue.moveMessages(to: other)
        }
        let anew = try await test.madeAnew()
        let (same, sameOther) = (try anew.queue(delay: long), try anew.queue("other"))
        let shelf = MessageShelf()
        try await anew.running {
            try require("the messages of the old queue", try await same.total(), is: 0)
            try await sameOther.moveMessages(to: shelf)
            try require("the accepted messages", shelf.messages.map(\.message.body), is: [1, 2, 0])
            try require("their attempts", shelf.messages.map(\.message.attempts), is: [0, 0, 1])
        }
    }

    static func acceptedOverLimit(_ test: QueueBench) async throws {
        let (queue, other) = (try test.queue(), try test.queue("other", isFullWithOne: true))
        try await test.running {
            try await queue.publish(0..<3)
            try await other.publish(3..<4)
            try await queue.moveMessages(to: other)
            try require("what is left", try await queue.total(), is: 0)
            let subscription = try await other.subscribe()
            for number in [3, 0, 1, 2] {
                try require("the message", try await subscription.settleNext(.acknowledged).number, is: number)
            }
        }
    }

    static func room(_ test: QueueBench) async throws {
        let queue = try test.queue(publishTimeout: long, isFullWithOne: true)
        let shelf = MessageShelf()
        try await test.running {
            try await queue.publish(0..<1)
            let publisher = Task { try await queue.publish(1..<2) }
            defer { publisher.cancel() }
            try await test.whileTimePasses { try await test.clock.sleep(for: time) }
            // The second message may move, too: a driver may move the messages in several steps.
            try await queue.moveMessages(to: shelf)
            try await test.patience.outcome(of: "'publish'", publisher)
            try require("all messages", try await queue.total() + shelf.messages.count, is: 2)
        }
    }
}

// A storage that fails.
extension MovableQueueConformance {
    static func acceptedTogether(_ test: QueueBench) async throws {
        let other = try test.queue("other")
        let messages = (0..<3).map { QueuedMessage(message: Message(body: .integer($0)), delay: .zero) }
        try await test.running {
            try await requireFailure(of: "'accept'", test) { try await other.accept(messages) }
            // A driver whose storage is behind a network may have stored the messages before the failure came.
            let accepted = try await other.total()
            try require([0, 3].contains(accepted), "the accepted messages must be 0 or 3, got \(accepted)")
            try await other.accept(messages)
            try require("the messages after a later call", try await other.total(), is: accepted + 3)
        }
    }

    static func notMoved(_ test: QueueBench) async throws {
        let queue = try test.queue()
        let shelf = MessageShelf()
        try await test.running {
            try await queue.publish(0..<3)
            try await requireFailure(of: "'moveMessages'", test) { try await queue.moveMessages(to: shelf) }
            try require("what is left", try await queue.total(), is: 3)
            let subscription = try await queue.subscribe()
            for number in 0..<3 {
                let delivery = try await test.whileTimePasses { try await subscription.settleNext(.acknowledged) }
                try require("the next message", delivery.number, is: number)
            }
        }
    }

    private static func requireFailure(
        of call: String, _ test: QueueBench, _ body: () async throws -> Void
    ) async throws {
        try await test.whileStorageFails {
            do {
                try await body()
            } catch let problem as Finding {
                throw problem
            } catch {
                return
            }
            throw Finding("\(call) must throw an error, and threw nothing")
        }
    }
}

extension BenchQueue {
    private func movable() throws -> any MovableQueue {
        guard let queue = queue as? any MovableQueue else { throw Finding("it must be a MovableQueue") }
        return queue
    }

    fileprivate func moveMessages(to other: BenchQueue) async throws {
        try await moveMessages(to: try other.movable())
    }

    fileprivate func moveMessages(to other: any MovableQueue) async throws {
        let queue = try movable()
        try await patience.outcome(of: "'moveMessages'") { try await queue.moveMessages(to: other) }
    }

    fileprivate func accept(_ messages: [QueuedMessage]) async throws {
        let queue = try movable()
        try await patience.outcome(of: "'accept'") { try await queue.accept(messages) }
    }
}

extension Delivery {
    /// The number that is the body of the message; nil for another body.
    fileprivate var number: Int? { message.body.integer }
}

/// A queue of another driver, which keeps what it accepts.
///
/// It accepts messages only while it is open.
private final class MessageShelf: MovableQueue {
    private let state: Mutex<(isOpen: Bool, messages: [QueuedMessage])>

    init(isOpen: Bool = true) {
        state = Mutex((isOpen, []))
    }

    var messages: [QueuedMessage] { state.withLock { $0.messages } }

    func open() { state.withLock { $0.isOpen = true } }

    func accept(_ messages: [QueuedMessage]) throws {
        try state.withLock { state in
            guard state.isOpen else { throw Self.refusal }
            state.messages += messages
        }
    }

    func moveMessages(to other: any MovableQueue) throws { throw Self.refusal }

    func publish(_ message: Message) throws -> Bool { throw Self.refusal }

    func subscribe(prefetch: Int) throws -> any MessageSubscription { throw Self.refusal }

    func drain(until deadline: Duration) -> Int { messages.count }

    var count: MessageCount { MessageCount(ready: messages.count, delayed: 0, claimed: 0) }

    private static var refusal: WippyError { WippyError(.unavailable, "the queue is closed", isRetryable: true) }
}
