import Testing
import WippyDefinition
import WippyMessaging
import WippyRuntime
import WippyTesting
import WippyValues

@testable import WippyQueue

@Suite("The contract of a queue whose messages can move", .timeLimit(.minutes(15)))
struct MovableQueueTests {
    @Test("The queues in memory keep it")
    func memory() async throws {
        try await MovableQueueConformance(optionsOfOne: .one) { environment, _ in
            let driver = MemoryQueueDriver(clock: environment.clock, log: environment.log)
            return (driver, MemoryQueueService(driver: driver))
        }.check()
    }

    @Test("Queues whose storage fails now and then keep it")
    func failing() async throws {
        try await Self.conformance(nil).check()
    }

    /// One way to break the contract each, and a word of the rule that it breaks.
    private static let flaws: [(flaw: RestlessDriver.Flaw, rule: String)] = [
        (.reverses, "in their order"),
        (.dropsHeaders, "as they were published"),
        (.forgetsAttempts, "keep their attempts"),
        (.forgetsDelay, "keeps its delay"),
        (.hurries, "not before"),
        (.movesClaimed, "a worker has stays"),
        (.movesFew, "of a long queue"),
        (.losesRefused, "they stay as they were"),
        (.wakesNobody, "that waits gets an accepted message"),
        (.countsNothing, "draining returns"),
        (.forgetsDrains, "Draining ends"),
        (.refusesWhenFull, "A full queue"),
        (.keepsRoom, "the room of moved messages"),
        (.acceptsSome, "accepted or none"),
        (.losesWhenFailing, "each of them stays"),
    ]

    @Test("A driver that breaks it in one way is found out, by the rule that it breaks", arguments: flaws)
    func isFoundOut(_ flaw: RestlessDriver.Flaw, rule: String) async throws {
        let broken = await #expect(throws: BrokenRule.self) {
            try await ChosenRules.containing(rule) { try await Self.conformance(flaw).check() }
        }
        #expect(broken?.contract == "movable queue")
        #expect(broken?.rule.contains(rule) == true, "\(String(describing: broken))")
    }

    @Test("A driver that says wrongly that its messages stay is found out")
    func durability() async throws {
        let broken = await #expect(throws: BrokenRule.self) {
            try await ChosenRules.containing("when the process ends") {
                try await Self.conformance(.saysDurable).check()
            }
        }
        #expect(broken?.rule.contains("when the process ends") == true, "\(String(describing: broken))")
    }

    private static func conformance(_ flaw: RestlessDriver.Flaw?) -> MovableQueueConformance {
        MovableQueueConformance(optionsOfOne: .one, limit: .seconds(20), failStorage: fail) { environment, _ in
            let driver = MemoryQueueDriver(clock: environment.clock, log: environment.log)
            return (RestlessDriver(flaw: flaw, driver: driver), MemoryQueueService(driver: driver))
        }
    }

    private static func fail(_ driver: RestlessDriver, _ fails: Bool) { driver.fails.update { $0 = fails } }
}

/// The driver in memory, but messages do not move while it is told to fail; with at most one flaw.
struct RestlessDriver: QueueDriver {
    enum Flaw {
        case reverses, dropsHeaders, forgetsAttempts, forgetsDelay, hurries, movesClaimed, movesFew, losesRefused
        case wakesNobody, countsNothing, forgetsDrains, refusesWhenFull, keepsRoom, acceptsSome, losesWhenFailing,
            saysDurable
    }

    let flaw: Flaw?
    let driver: MemoryQueueDriver
    let fails = Shared(false)

    func makeQueue(
        _ id: EntryID, settings: QueueSettings, options: MemoryQueueDriver.Options, deadLetters: DeadLetters?
    ) -> RestlessQueue {
        RestlessQueue(
            queue: driver.makeQueue(id, settings: settings, options: options, deadLetters: deadLetters), flaw: flaw,
            fails: fails)
    }
}

struct RestlessQueue: MovableQueue {
    let queue: MemoryQueue
    let flaw: RestlessDriver.Flaw?
    let fails: Shared<Bool>
    private let accepted = Shared(0)
    private let claimed = Shared<[Delivery]>([])

    private static let failure = WippyError(.unavailable, "the storage fails", isRetryable: true)

    init(queue: MemoryQueue, flaw: RestlessDriver.Flaw?, fails: Shared<Bool>) {
        (self.queue, self.flaw, self.fails) = (queue, flaw, fails)
    }

    func publish(_ message: Message) async throws -> Bool {
        if flaw == .keepsRoom {
            // It looks for room once only.
            while !(try queue.publishAtOnce(message)) { try await Task.sleep(for: .seconds(3600)) }
            return true
        }
        return try await queue.publish(message)
    }

    func subscribe(prefetch: Int) -> any MessageSubscription {
        Subscription(inner: queue.subscribe(prefetch: prefetch), claimed: claimed)
    }

    func drain(until deadline: Duration) async -> Int {
        await queue.drain(until: deadline) - (flaw == .countsNothing ? accepted.value : 0)
    }

    var count: MessageCount { queue.count }

    var isDurable: Bool { flaw == .saysDurable }

    func moveMessages(to other: any MovableQueue) async throws {
        guard !fails.value else {
            if flaw == .losesWhenFailing { _ = queue.takeOut() }
            throw Self.failure
        }
        let taken = queue.takeOut()
        defer { if flaw != .forgetsDrains { queue.endMove(of: taken) } }
        var (messages, rest) = (taken, [] as [QueuedMessage])
        switch flaw {
        case .reverses: messages.reverse()
        case .movesFew where messages.count > 100: (messages, rest) = (Array(messages[..<100]), Array(messages[100...]))
        case .movesClaimed:
            messages += claimed.value.map { QueuedMessage(message: $0.message, delay: .zero) }
        default: break
        }
        do {
            try await other.accept(messages)
            try await queue.accept(rest)
        } catch {
            if flaw != .losesRefused { try await queue.accept(messages) }
            throw error
        }
    }

    func accept(_ messages: [QueuedMessage]) async throws {
        guard !fails.value else {
            if flaw == .acceptsSome { try await queue.accept(Array(messages.prefix(1))) }
            throw Self.failure
        }
        accepted.update { $0 += messages.count }
        switch flaw {
        case .dropsHeaders:
            try await accept(messages) { Message(id: $0.id, body: $0.body, attempts: $0.attempts) }
        case .forgetsAttempts: try await accept(messages) { Message(id: $0.id, body: $0.body, headers: $0.headers) }
        case .forgetsDelay: try await queue.accept(messages.map { QueuedMessage(message: $0.message, delay: .zero) })
        case .hurries:
            try await queue.accept(
                messages.map { QueuedMessage(message: $0.message, delay: $0.delay - .milliseconds(100)) })
        case .wakesNobody:
            var advance = queue.accepting(messages)
            advance.handovers = []
            queue.perform(advance)
        case .refusesWhenFull:
            for moved in messages where moved.delay == .zero {
                guard queue.accept(moved.message) else { throw WippyError.full(queue.id, after: .zero) }
            }
            try await queue.accept(messages.filter { $0.delay > .zero })
        default: try await queue.accept(messages)
        }
    }

    private func accept(_ messages: [QueuedMessage], as change: (Message) -> Message) async throws {
        try await queue.accept(messages.map { QueuedMessage(message: change($0.message), delay: $0.delay) })
    }

    /// Notes the messages that workers have.
    private struct Subscription: MessageSubscription {
        let inner: any MessageSubscription
        let claimed: Shared<[Delivery]>

        func next() async throws -> Delivery? {
            let delivery = try await inner.next()
            if let delivery { claimed.update { $0.append(delivery) } }
            return delivery
        }

        func settle(_ delivery: Delivery, _ settlement: Settlement) async throws -> Bool {
            claimed.update { $0.removeAll { $0.receipt == delivery.receipt } }
            return try await inner.settle(delivery, settlement)
        }

        func close() async { await inner.close() }
    }
}
