import Synchronization
public import WippyMessaging
import WippyTestTools
import WippyValues

/// Tests a queue with random publishers, workers and cancellations at the same time.
///
/// In the end, every accepted message must be acknowledged once or be a dead letter. The number of an attempt must be
/// one more than the number of earlier failures of the message. Two workers must never have the same message at the
/// same time.
///
/// The random numbers come from the seed. What happens also depends on the threads.
public struct QueueInterleavings: Sendable {
    private let seed: UInt64
    private let maxAttempts: Int
    private let patience: Patience

    /// Creates a test of queues.
    ///
    /// - Parameters:
    ///   - seed: the seed of the random choices.
    ///   - maxAttempts: the number of attempts after which the queues make a message a dead letter.
    ///   - limit: the longest time that the test waits for one event, in real time. If a call of a queue hangs, the
    ///     test may hang with it. Default: 60 s.
    public init(seed: UInt64, maxAttempts: Int, limit: Duration = .seconds(60)) {
        self.seed = seed
        self.maxAttempts = maxAttempts
        patience = Patience(limit: limit)
    }

    /// Tests one queue, which one or several processes use.
    ///
    /// Call this method once. For a further test, create another value.
    ///
    /// - Parameters:
    ///   - queues: objects for the same queue, one for each process that uses it.
    ///   - deadLetters: the queue for the dead letters.
    /// - Throws: an error whose description has the seed and the problem; an error when `queues` is empty; the errors
    ///   of `deadLetters`.
    public func check(_ queues: [any MessageQueue], deadLetters: any MessageQueue) async throws {
        try require(!queues.isEmpty, "there is no queue to test")
        do {
            try await meet(at: queues)
        } catch {
            throw Finding("with the seed \(seed): \(error)")
        }
        let letters = try await contents(of: deadLetters)
        do {
            try compare(letters: letters)
        } catch {
            throw Finding("with the seed \(seed): \(error)")
        }
    }

    /// The record of events.
    private let record = Record()

    private final class Record: Sendable {
        struct Events {
            var next = 0
            var accepted: Set<Int> = []
            var failures: [Int: Int] = [:]
            var inHand: Set<Int> = []
            var acknowledged: [Int] = []
            var problems: [String] = []
        }

        private let events = Mutex(Events())

        func write<Result: Sendable>(_ change: (inout sending Events) -> sending Result) -> Result {
            events.withLock { events in change(&events) }
        }

        var now: Events { events.withLock { $0 } }
    }

    /// The number of steps of each publisher and worker.
    private static let steps = 60

    private func meet(at queues: [any MessageQueue]) async throws {
        var generator = SeededGenerator(seed: seed)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<4 {
                let (queue, own) = (queues[number % queues.count], SeededGenerator(seed: generator.next()))
                group.addTask { try await act(on: queue, by: own) }
            }
            try await group.waitForAll()
        }
        // One worker handles the messages that are left.
        guard let queue = queues.first else { return }
        let subscription = try await queue.subscribe(prefetch: 3)
        let worker = Task {
            while let delivery = try await subscription.next() {
                try await settle(delivery, .acknowledged, subscription)
            }
        }
        try await patience.eventually("every message is handled") { try await queue.count.total == 0 }
        await subscription.close()
        try await patience.outcome(of: "the last worker", worker)
    }

    private func act(on queue: any MessageQueue, by source: SeededGenerator) async throws {
        var generator = source
        var subscription = try await queue.subscribe(prefetch: 3)
        var inHand: [Delivery] = []
        for _ in 0..<Self.steps {
            switch Int.random(in: 0..<20, using: &generator) {
            case 0..<8:
                try await publish(to: queue, isCancelled: Int.random(in: 0..<6, using: &generator) == 0)
            case 8..<14:
                let yields = Int.random(in: 0..<200, using: &generator)
                if let delivery = try await take(from: subscription, yields: yields) { inHand.append(delivery) }
            case 14..<19:
                guard let index = inHand.indices.randomElement(using: &generator) else { continue }
                let settlement: Settlement =
                    switch Int.random(in: 0..<6, using: &generator) {
                    case 0..<3: .acknowledged
                    case 3..<5: .failed
                    default: .returned
                    }
                try await settle(inHand.remove(at: index), settlement, subscription)
            default:
                for delivery in inHand { try await settle(delivery, .returned, subscription) }
                inHand = []
                await subscription.close()
                subscription = try await queue.subscribe(prefetch: 2)
            }
        }
        for delivery in inHand { try await settle(delivery, .failed, subscription) }
        await subscription.close()
    }

    private func publish(to queue: any MessageQueue, isCancelled: Bool) async throws {
        let number = record.write { events in
            events.next += 1
            return events.next
        }
        let publishing = Task { try await queue.publish(Message(body: .integer(number))) }
        if isCancelled {
            await Task.yield()
            publishing.cancel()
        }
        do {
            _ = try await patience.outcome(of: "'publish'") { try await publishing.value }
            record.write { _ = $0.accepted.insert(number) }
        } catch is CancellationError where isCancelled {
            return
        }
    }

    /// Claims a message.
    ///
    /// The call is cancelled after other tasks have run a number of times.
    private func take(from subscription: any MessageSubscription, yields: Int) async throws -> Delivery? {
        let taking = Task { try await subscription.next() }
        for _ in 0..<yields { await Task.yield() }
        taking.cancel()
        let delivery: Delivery?
        do {
            delivery = try await patience.outcome(of: "'next'") { try await taking.value }
        } catch is CancellationError {
            return nil
        }
        if let delivery { begin(delivery) }
        return delivery
    }

    private func begin(_ delivery: Delivery) {
        let number = delivery.message.body.integer ?? 0
        record.write { events in
            if !events.inHand.insert(number).inserted { events.problems.append("two workers had \(number) at once") }
            let attempt = (events.failures[number] ?? 0) + 1
            if delivery.attempt != attempt {
                events.problems.append("\(number) said its attempt is \(delivery.attempt), and it is \(attempt)")
            }
        }
    }

    private func settle(
        _ delivery: Delivery, _ settlement: Settlement, _ subscription: any MessageSubscription
    ) async throws {
        let number = delivery.message.body.integer ?? 0
        record.write { events in
            events.inHand.remove(number)
            switch settlement {
            case .acknowledged: events.acknowledged.append(number)
            case .rejected: events.failures[number, default: 0] += 1
            case .returned: break
            }
        }
        _ = try await patience.outcome(of: "'settle'") { try await subscription.settle(delivery, settlement) }
    }

    private func contents(of queue: any MessageQueue) async throws -> [Int] {
        let subscription = try await queue.subscribe(prefetch: 1)
        var numbers: [Int] = []
        while try await queue.count.total > 0, let delivery = try await subscription.next() {
            numbers.append(delivery.message.body.integer ?? 0)
            try await subscription.settle(delivery, .acknowledged)
        }
        await subscription.close()
        return numbers
    }

    private func compare(letters: [Int]) throws(Finding) {
        let events = record.now
        if let problem = events.problems.first { throw Finding(problem) }
        let given = events.failures.filter { $0.value >= maxAttempts }.map(\.key)
        try require("the dead letters", letters.sorted(), is: given.sorted())
        try require(
            "what was acknowledged, once each", events.acknowledged.sorted(),
            is: events.accepted.subtracting(given).sorted())
        try require(given.allSatisfy { events.accepted.contains($0) }, "a dead letter was never accepted")
    }
}
