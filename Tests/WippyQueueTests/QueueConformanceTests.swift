import Synchronization
import Testing
import WippyDefinition
import WippyLog
import WippyMessaging
import WippyRuntime
import WippyTesting
import WippyValues

@testable import WippyQueue

@Suite("The contract of a queue driver", .timeLimit(.minutes(15)))
struct QueueConformanceTests {
    @Test("The driver in memory keeps it, and the test says which rules it did not test")
    func memory() async throws {
        let untested = try await QueueDriverConformance(optionsOfOne: .one) { environment, _ in
            let driver = MemoryQueueDriver(clock: environment.clock, log: environment.log)
            return (driver, MemoryQueueService(driver: driver))
        }.check()
        #expect(untested.count == 3 && untested[0].hasPrefix("If the storage fails, publishing fails"), "\(untested)")
    }

    /// One way to break the contract each, and a word of the rule that it breaks.
    private static let flaws: [(flaw: FlawedDriver.Flaw, rule: String)] = [
        (.losesMessage, "in the order"),
        (.reordersMessages, "in the order"),
        (.countsReturned, "returned message"),
        (.settlesTwice, "Only the first settlement"),
        (.countsTwice, "Only the first settlement"),
        (.ignoresReceipt, "for its own delivery"),
        (.handsOutAfterClose, "closed subscription"),
        (.ignoresCancellation, "cancelled takes no message"),
        (.takesWhenCancelled, "cancelled as a message arrives"),
        (.dropsPrefetched, "the prefetched messages"),
        (.dropsHeaders, "as it was published"),
        (.ignoresOptions, "refused, never ignored"),
        (.retriesEarly, "again after its delay"),
        (.losesDeadLetters, "of the same driver"),
        (.waitsForDeadLetters, "does not wait for long"),
        (.acceptsAlways, "'publish_timeout'"),
        (.miscounts, "The counts"),
        (.drainsEarly, "Draining waits"),
        (.ignoresStop, "service has stopped"),
        (.ignoresStop, "waits for room when the service stops"),
        (.forgetsLateQueues, "made while the service runs"),
        (.dropsTimestamp, "when it was published"),
        (.changesAtOnce, "before it is applied"),
        (.losesWhenChanged, "change in place"),
        (.keepsOldSettings, "change in place"),
        (.keepsNewSettings, "taken back"),
        (.staysWithOldDriver, "a new name or driver"),
    ]

    @Test("A driver that breaks it in one way is found out, by the rule that it breaks", arguments: flaws)
    func isFoundOut(_ flaw: FlawedDriver.Flaw, rule: String) async throws {
        let broken = await #expect(throws: BrokenRule.self) {
            try await ChosenRules.containing(rule) {
                try await QueueDriverConformance(optionsOfOne: .one, limit: .seconds(20)) { environment, _ in
                    let driver = MemoryQueueDriver(clock: environment.clock, log: environment.log)
                    return (
                        FlawedDriver(flaw: flaw, driver: driver, clock: environment.clock),
                        MemoryQueueService(driver: driver)
                    )
                }.check()
            }
        }
        #expect(broken?.contract == "queue driver")
        #expect(broken?.rule.contains(rule) == true, "\(String(describing: broken))")
    }

    @Test("A driver whose storage fails now and then keeps it")
    func failing() async throws {
        try await UnsteadyDriver.conformance(nil).check()
    }

    @Test("A test without a full queue says that it did not test the rules about one")
    func untested() async throws {
        let untested = try await UnsteadyDriver.conformance(nil).check()
        #expect(untested.contains("A publisher waits until a full queue has room"))
        #expect(!untested.contains { $0.contains("storage") }, "\(untested)")
    }

    @Test("So does a driver that has stored a message when the connection to its storage is lost")
    func lostAnswer() async throws {
        try await UnsteadyDriver.conformance(.keepsRefused).check()
    }

    private static let failingFlaws: [(flaw: UnsteadyDriver.Flaw, rule: String)] = [
        (.keepsRefusedTwice, "at most once"), (.refusesForEver, "at most once"),
        (.forgetsUnsettled, "the worker still has the message"), (.countsTwice, "the worker still has the message"),
        (.endsAfterFailure, "asks again"),
    ]

    @Test("A driver that breaks a rule when its storage fails is found out", arguments: failingFlaws)
    func isFoundOutWhenFailing(_ flaw: UnsteadyDriver.Flaw, rule: String) async throws {
        let broken = await #expect(throws: BrokenRule.self) {
            try await ChosenRules.containing(rule) { try await UnsteadyDriver.conformance(flaw).check() }
        }
        #expect(broken?.rule.contains(rule) == true, "\(String(describing: broken))")
    }

    @Test(
        "A driver that says wrongly that its messages stay, or that they do not, is found out",
        arguments: [true, false])
    func durability(isDurable: Bool) async throws {
        let rule = isDurable ? "Draining does not wait" : "At the stop, a warning"
        let broken = await #expect(throws: BrokenRule.self) {
            try await ChosenRules.containing(rule) {
                try await QueueDriverConformance(limit: .seconds(20)) { environment, _ in
                    // The one that is taken for durable loses all, and the other one says nothing of what it loses.
                    let driver = MemoryQueueDriver(clock: environment.clock, log: isDurable ? environment.log : .silent)
                    return (
                        FlawedDriver(flaw: isDurable ? .saysDurable : nil, driver: driver, clock: environment.clock),
                        MemoryQueueService(driver: driver)
                    )
                }.check()
            }
        }
        #expect(broken?.rule.contains(rule) == true, "\(String(describing: broken))")
    }

    @Test("The queues in memory keep the contract of accepted work")
    func acceptedWork() async throws {
        try await AcceptedWorkConformance { environment, _ in
            let driver = MemoryQueueDriver(clock: environment.clock, log: environment.log)
            return (driver.queue("tasks"), driver.queue("other"), MemoryQueueService(driver: driver))
        }.check()
    }

    @Test("The service of the driver in memory keeps the contract of a service, and so does a consumer")
    func services() async throws {
        try await ManagedServiceConformance {
            MemoryQueueService(driver: MemoryQueueDriver(clock: SystemClock(), log: .silent))
        }.check()
        try await ManagedServiceConformance {
            QueueConsumer(MemoryQueueDriver(clock: SystemClock(), log: .silent).queue("tasks"), concurrency: 3) { _ in }
        }.check()
    }
}

extension MemoryQueueDriver.Options {
    /// A queue that is full with one message.
    static var one: Self {
        var options = Self.standard
        options.maxLength = 1
        return options
    }
}

/// The driver in memory, but for one flaw.
struct FlawedDriver: QueueDriver {
    enum Flaw {
        case losesMessage, reordersMessages, countsReturned, settlesTwice, countsTwice, ignoresReceipt,
            handsOutAfterClose
        case ignoresCancellation, takesWhenCancelled, dropsPrefetched, dropsHeaders, retriesEarly, losesDeadLetters
        case acceptsAlways, miscounts, drainsEarly, ignoresStop, forgetsLateQueues
        case waitsForDeadLetters, saysDurable
        case ignoresOptions, dropsTimestamp, changesAtOnce, losesWhenChanged, keepsOldSettings, keepsNewSettings,
            staysWithOldDriver
    }

    let flaw: Flaw?
    let driver: MemoryQueueDriver
    let clock: any RuntimeClock

    func makeQueue(
        _ id: EntryID, settings: QueueSettings, options: MemoryQueueDriver.Options, deadLetters: DeadLetters?
    ) -> FlawedQueue {
        var (settings, options) = (settings, options)
        if flaw == .retriesEarly { settings.retry.initialDelay = .milliseconds(50) }
        if flaw == .acceptsAlways { options.maxLength = 1000 }
        let letters = deadLetters.map { letters in
            flaw == .losesDeadLetters
                ? DeadLetters(id: letters.id, queue: Link(Abyss()), maxAttempts: letters.maxAttempts) : letters
        }
        // One whose service does not run has no times.
        let isForgotten = flaw == .forgetsLateQueues && id.name == "late"
        let driver = isForgotten ? MemoryQueueDriver(clock: clock, log: .silent) : driver
        let queue = driver.makeQueue(id, settings: settings, options: options, deadLetters: letters)
        return FlawedQueue(flaw: flaw, clock: clock, current: Shared(queue), published: Shared(0))
    }

    func update(
        _ queue: FlawedQueue, settings: QueueSettings, options: MemoryQueueDriver.Options, deadLetters: DeadLetters?
    ) -> Update? {
        let update = driver.update(queue.queue, settings: settings, options: options, deadLetters: deadLetters)
        switch flaw {
        case .changesAtOnce: update?.apply()
        case .losesWhenChanged:
            let empty = driver.makeQueue(queue.queue.id, settings: settings, options: options, deadLetters: deadLetters)
            return Update {
                queue.current.update { $0 = empty }
            } takeBack: {
            }
        case .keepsOldSettings:
            return Update {
            } takeBack: {
            }
        case .keepsNewSettings:
            return Update {
                update?.apply()
            } takeBack: {
            }
        case .staysWithOldDriver where queue.queue.settings.driver !== driver:
            return Update {
            } takeBack: {
            }
        default: break
        }
        return update
    }
}

/// A queue that takes everything and gives nothing.
private struct Abyss: MessageQueue {
    func publish(_ message: Message) -> Bool { true }
    func subscribe(prefetch: Int) throws -> any MessageSubscription { throw CancellationError() }
    func drain(until deadline: Duration) -> Int { 0 }
    var count: MessageCount { MessageCount(ready: 0, delayed: 0, claimed: 0) }
}

struct FlawedQueue: MessageQueue {
    let flaw: FlawedDriver.Flaw?
    let clock: any RuntimeClock
    let current: Shared<MemoryQueue>
    let published: Shared<Int>

    var queue: MemoryQueue { current.value }

    var isDurable: Bool { flaw == .saysDurable }

    func publish(_ message: Message) async throws -> Bool {
        published.update { $0 += 1 }
        switch flaw {
        case .losesMessage where published.value == 3: return true
        case .reordersMessages where message.body == 3:
            return try await queue.publish(Message(body: 4))
        case .reordersMessages where message.body == 4:
            return try await queue.publish(Message(body: 3))
        case .dropsHeaders: return try await queue.publish(Message(id: message.id, body: message.body))
        case .ignoresOptions:
            var message = message
            for option in MessageOption.allCases { message.headers[option.header] = nil }
            return try await queue.publish(message)
        case .ignoresStop:
            do {
                return try await queue.publish(message)
            } catch let error as WippyError where error.kind == .unavailable {
                return true
            }
        default: return try await queue.publish(message)
        }
    }

    func subscribe(prefetch: Int) -> any MessageSubscription {
        FlawedSubscription(flaw: flaw, clock: clock, queue: queue, inner: queue.subscribe(prefetch: prefetch))
    }

    func drain(until deadline: Duration) async -> Int {
        flaw == .drainsEarly ? await queue.drain(until: .zero - .seconds(1)) : await queue.drain(until: deadline)
    }

    var count: MessageCount {
        let count = queue.count
        return flaw == .miscounts ? MessageCount(ready: count.ready, delayed: 0, claimed: count.claimed) : count
    }
}

final class FlawedSubscription: MessageSubscription {
    private struct State {
        var settled: Set<Int> = []
        var last: Delivery?
        var prefetched: [Delivery] = []
        var isClosed = false
    }

    private let flaw: FlawedDriver.Flaw?
    private let clock: any RuntimeClock
    private let queue: MemoryQueue
    private let inner: any MessageSubscription
    private let state = Shared(State())

    init(
        flaw: FlawedDriver.Flaw?, clock: any RuntimeClock, queue: MemoryQueue, inner: any MessageSubscription
    ) {
        (self.flaw, self.clock, self.queue, self.inner) = (flaw, clock, queue, inner)
    }

    func next() async throws -> Delivery? {
        let delivery: Delivery?
        switch flaw {
        case .handsOutAfterClose where state.value.isClosed:
            delivery = try await queue.subscribe(prefetch: 1).next()
        case .ignoresCancellation: delivery = try await Task { [inner] in try await inner.next() }.value
        case .takesWhenCancelled:
            // What came is forgotten when the cancellation comes soon after.
            delivery = try await inner.next()
            try? await Task.sleep(for: .milliseconds(2))
            try Task.checkCancellation()
        case .dropsPrefetched:
            if let first = state.value.prefetched.first {
                state.update { $0.prefetched.removeFirst() }
                return first
            }
            delivery = try await inner.next()
            if queue.count.ready > 0, let ahead = try await inner.next() {
                state.update { $0.prefetched.append(ahead) }
            }
        default: delivery = try await inner.next()
        }
        state.update { $0.last = delivery ?? $0.last }
        guard flaw == .dropsTimestamp, let delivery else { return delivery }
        var message = delivery.message
        message.headers["timestamp"] = nil
        return Delivery(
            message: message, queue: delivery.queue, attempt: delivery.attempt, receipt: delivery.receipt)
    }

    func settle(_ delivery: Delivery, _ settlement: Settlement) async throws -> Bool {
        let isFirst = !state.value.settled.contains(delivery.receipt)
        state.update { $0.settled.insert(delivery.receipt) }
        switch (flaw, settlement) {
        case (.countsReturned, .returned): return try await inner.settle(delivery, .rejected(reason: "returned"))
        case (.settlesTwice, .rejected) where !isFirst:
            try await queue.publish(delivery.message)
            return false
        case (.countsTwice, _):
            try await inner.settle(delivery, settlement)
            return true
        case (.waitsForDeadLetters, .rejected):
            let start = clock.now
            let isSettled = try await inner.settle(delivery, settlement)
            // The queue for dead letters took its time. A driver with this flaw would wait on.
            if clock.now - start >= .seconds(5) { try await Task.sleep(for: .seconds(3600)) }
            return isSettled
        case (.ignoresReceipt, _) where !isFirst || delivery.receipt != state.value.last?.receipt:
            let current = state.value.last ?? delivery
            return try await inner.settle(current.message.id == delivery.message.id ? current : delivery, settlement)
        default: return try await inner.settle(delivery, settlement)
        }
    }

    func close() async {
        state.update { $0.isClosed = true }
        await inner.close()
    }
}
