import WippyDefinition
import WippyRuntime

/// Counts the events of a queue: in the metrics, and as rates over the last minute.
///
/// The counters belong to the queue's entry. Counting takes no lock.
final class QueueActivity: Sendable {
    /// One sort of event.
    ///
    /// It is counted in total and over the last minute.
    private struct EventCount: ~Copyable, Sendable {
        let counter: Counter
        let window: RateWindow

        init(_ metric: Metric<Counter>, of queue: EntryID, in metrics: Metrics, since start: Duration) {
            counter = metrics.counter(metric, of: queue)
            window = RateWindow(since: start)
        }

        func note(_ count: Int, at now: Duration) {
            counter.add(count)
            window.add(count, at: now)
        }
    }

    private static let publishedMessages = Metric<Counter>(
        "queue.published", of: "a queue", unit: "messages",
        "Messages that the queue has accepted, including dead letters of other queues.")
    private static let acknowledgedMessages = Metric<Counter>(
        "queue.acknowledged", of: "a queue", unit: "messages", "Messages whose handler has done its work.")
    private static let failedAttempts = Metric<Counter>(
        "queue.failed", of: "a queue", unit: "attempts", "Failed attempts.")

    /// The counters of every activity: `queue.published`, `queue.acknowledged` and `queue.failed`.
    static let metrics = [
        publishedMessages.description, acknowledgedMessages.description, failedAttempts.description,
    ]

    private let clock: any RuntimeClock
    private let published, acknowledged, failed: EventCount

    /// Creates the counters of an entry's queue.
    ///
    /// If the queue is built anew, the counters in the metrics go on, and the rates begin again.
    ///
    /// - Parameters:
    ///   - queue: the id of the queue's entry.
    ///   - metrics: the metrics of the application, from its `RuntimeEnvironment`.
    ///   - clock: the clock of the application, from its `RuntimeEnvironment`.
    init(of queue: EntryID, in metrics: Metrics, by clock: any RuntimeClock) {
        self.clock = clock
        let now = clock.now
        published = EventCount(Self.publishedMessages, of: queue, in: metrics, since: now)
        acknowledged = EventCount(Self.acknowledgedMessages, of: queue, in: metrics, since: now)
        failed = EventCount(Self.failedAttempts, of: queue, in: metrics, since: now)
    }

    /// Counts messages that the queue has accepted, including dead letters of other queues.
    func didPublish(_ count: Int = 1) { published.note(count, at: clock.now) }

    /// Counts a message whose handler has done its work.
    func didAcknowledge() { acknowledged.note(1, at: clock.now) }

    /// Counts an attempt that has failed.
    func didFail() { failed.note(1, at: clock.now) }

    /// The rates over the last minute, in events per second.
    var rates: QueueRates {
        let now = clock.now
        return QueueRates(
            published: published.window.perSecond(at: now), acknowledged: acknowledged.window.perSecond(at: now),
            failed: failed.window.perSecond(at: now))
    }
}
