import WippyDefinition
import WippyMessaging
import WippyRuntime
import WippyTesting
import WippyValues

@testable import WippyQueue

/// The driver in memory, but its calls fail while it is told so; with at most one flaw.
struct UnsteadyDriver: QueueDriver {
    enum Flaw {
        /// No flaw: it cannot know whether its storage has stored the message.
        case keepsRefused
        case keepsRefusedTwice, refusesForEver, forgetsUnsettled, countsTwice, endsAfterFailure
    }

    let flaw: Flaw?
    let driver: MemoryQueueDriver
    let fails = Shared(false)

    /// The test of a driver with a flaw.
    static func conformance(_ flaw: Flaw?) -> QueueDriverConformance {
        QueueDriverConformance(failStorage: fail) { environment, _ in
            let driver = MemoryQueueDriver(clock: environment.clock, log: environment.log)
            return (UnsteadyDriver(flaw: flaw, driver: driver), MemoryQueueService(driver: driver))
        }
    }

    private static func fail(_ driver: UnsteadyDriver, _ fails: Bool) { driver.fails.update { $0 = fails } }

    func makeQueue(
        _ id: EntryID, settings: QueueSettings, options: NoConfig, deadLetters: DeadLetters?
    ) -> UnsteadyQueue {
        UnsteadyQueue(
            flaw: flaw, fails: fails,
            queue: driver.makeQueue(id, settings: settings, options: .standard, deadLetters: deadLetters))
    }
}

struct UnsteadyQueue: MessageQueue {
    let flaw: UnsteadyDriver.Flaw?
    let fails: Shared<Bool>
    let queue: MemoryQueue

    fileprivate static let failure = WippyError(.unavailable, "the storage fails", isRetryable: true)

    func publish(_ message: Message) async throws -> Bool {
        if fails.value {
            let copies =
                switch flaw {
                case .keepsRefused: 1
                case .keepsRefusedTwice: 2
                default: 0
                }
            for _ in 0..<copies { try await queue.publish(message) }
            if flaw == .refusesForEver { throw WippyError(.unavailable, "no more", isRetryable: false) }
            throw Self.failure
        }
        return try await queue.publish(message)
    }

    func subscribe(prefetch: Int) -> any MessageSubscription {
        Subscription(flaw: flaw, fails: fails, inner: queue.subscribe(prefetch: prefetch))
    }

    func drain(until deadline: Duration) async -> Int { await queue.drain(until: deadline) }

    var count: MessageCount { queue.count }

    private struct Subscription: MessageSubscription {
        let flaw: UnsteadyDriver.Flaw?
        let fails: Shared<Bool>
        let inner: any MessageSubscription
        private let hasFailed = Shared(false)

        init(flaw: UnsteadyDriver.Flaw?, fails: Shared<Bool>, inner: any MessageSubscription) {
            (self.flaw, self.fails, self.inner) = (flaw, fails, inner)
        }

        func next() async throws -> Delivery? {
            if fails.value { hasFailed.update { $0 = true } }
            if fails.value { throw UnsteadyQueue.failure }
            if flaw == .endsAfterFailure, hasFailed.value { return nil }
            return try await inner.next()
        }

        func settle(_ delivery: Delivery, _ settlement: Settlement) async throws -> Bool {
            guard fails.value else { return try await inner.settle(delivery, settlement) }
            switch (flaw, settlement) {
            case (.forgetsUnsettled, _): try await inner.settle(delivery, .returned)
            case (.countsTwice, .rejected):
                // It notes the failed attempt, and says that it has not.
                try await inner.settle(delivery, settlement)
            default: break
            }
            throw UnsteadyQueue.failure
        }

        func close() async { await inner.close() }
    }
}
