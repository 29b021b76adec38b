public import WippyDefinition
public import WippyRuntime

/// Measures the queue of an entry.
///
/// It counts accepted messages, acknowledged messages and failed attempts. It adds their rates to the queue's figures,
/// and registers the figures as gauges of the entry.
///
/// ``QueueSetup/makeQueue(with:)`` puts it around the queue that the driver makes. A kind whose queues have no driver
/// puts it around its queues itself.
public final class MeasuredQueue: WrappingQueue {
    /// The queue that is measured.
    public let wrapped: any MessageQueue
    private let activity: QueueActivity

    /// The metrics of every measured queue, for the `metrics` of the queue's kind.
    public static let metrics = QueueInfo.metrics + QueueActivity.metrics

    /// Measures a queue of an entry from now on.
    ///
    /// If the entry is built anew, its counters go on, and its rates begin again.
    ///
    /// - Parameters:
    ///   - queue: the queue.
    ///   - id: the id of the queue's entry.
    ///   - environment: the application's environment, from the context in which the entry is built.
    public init(_ queue: any MessageQueue, of id: EntryID, in environment: RuntimeEnvironment) {
        wrapped = queue
        activity = QueueActivity(of: id, in: environment.metrics, by: environment.clock)
        environment.metrics.measure(self, of: id) { (try? await $0.info)?.gauges ?? [:] }
    }

    /// Counts the message.
    public func didAccept(_ message: Message) { activity.didPublish() }

    /// Subscribes to the measured queue, and counts its acknowledged messages and failed attempts.
    public func subscribe(prefetch: Int) async throws -> any MessageSubscription {
        MeasuredSubscription(wrapped: try await wrapped.subscribe(prefetch: prefetch), activity: activity)
    }

    /// The figures of the measured queue, with the rates.
    public var info: QueueInfo {
        get async throws {
            var info = try await wrapped.info
            info.rates = activity.rates
            return info
        }
    }
}

/// A subscription to a measured queue.
private final class MeasuredSubscription: MessageSubscription {
    private let wrapped: any MessageSubscription
    private let activity: QueueActivity

    init(wrapped: any MessageSubscription, activity: QueueActivity) {
        (self.wrapped, self.activity) = (wrapped, activity)
    }

    func next() async throws -> Delivery? { try await wrapped.next() }

    func settle(_ delivery: Delivery, _ settlement: Settlement) async throws -> Bool {
        let isSettled = try await wrapped.settle(delivery, settlement)
        guard isSettled else { return false }
        switch settlement {
        case .acknowledged: activity.didAcknowledge()
        case .rejected: activity.didFail()
        case .returned: break
        }
        return true
    }

    func close() async { await wrapped.close() }
}
