import Synchronization
package import WippyDefinition
package import WippyRuntime

/// Counts the events of a queue: in the metrics, and as rates over the last minute.
///
/// Counting takes no lock.
package final class QueueActivity: Sendable {
    /// One sort of event.
    ///
    /// It is counted in total and over the last minute.
    private struct EventCount: ~Copyable, Sendable {
        let counter: Counter
        let window: RateWindow

        init(_ name: String, of queue: EntryID, in metrics: Metrics, since start: Duration) {
            counter = metrics.counter(name, of: queue)
            window = RateWindow(since: start)
        }

        func note(_ count: Int, at now: Duration) {
            counter.add(count)
            window.add(count, at: now)
        }
    }

    private let clock: any RuntimeClock
    private let published, acknowledged, failed: EventCount

    /// Creates the counters of an entry's queue.
    package init(of queue: EntryID, in metrics: Metrics, by clock: any RuntimeClock) {
        self.clock = clock
        let now = clock.now
        published = EventCount("queue.published", of: queue, in: metrics, since: now)
        acknowledged = EventCount("queue.acknowledged", of: queue, in: metrics, since: now)
        failed = EventCount("queue.failed", of: queue, in: metrics, since: now)
    }

    /// Counts messages that the queue has accepted.
    package func didPublish(_ count: Int = 1) { published.note(count, at: clock.now) }

    /// Counts a message whose handler has done its work.
    package func didAcknowledge() { acknowledged.note(1, at: clock.now) }

    /// Counts an attempt that has failed.
    package func didFail() { failed.note(1, at: clock.now) }

    /// The rates over the last minute, in events per second.
    package var rates: QueueRates {
        let now = clock.now
        return QueueRates(
            published: published.window.perSecond(at: now), acknowledged: acknowledged.window.perSecond(at: now),
            failed: failed.window.perSecond(at: now))
    }
}

/// Counts the events of each second in the last minute.
struct RateWindow: ~Copyable, Sendable {
    private static let length = 60

    private let start: Duration
    /// The counts of the last 60 seconds.
    ///
    /// The index of a second is its remainder by 60.
    ///
    /// The upper half of each number is the second itself, and the lower half is its count.
    private let seconds = InlineArray<60, Atomic<UInt64>> { _ in Atomic(0) }

    init(since start: Duration) {
        self.start = start
    }

    /// Adds to the count of the current second.
    ///
    /// The count is limited to about four thousand million.
    func add(_ count: Int, at now: Duration) {
        let second = UInt64(truncatingIfNeeded: now.components.seconds) & 0xFFFF_FFFF
        let (place, count) = (Int(second) % Self.length, UInt64(truncatingIfNeeded: count))
        var seen = seconds[place].load(ordering: .relaxed)
        while true {
            let new = seen >> 32 == second ? seen &+ count : second << 32 | count
            let (isDone, original) = seconds[place].weakCompareExchange(
                expected: seen, desired: new, ordering: .relaxed)
            if isDone { return }
            seen = original
        }
    }

    /// Returns the mean per second over the last minute, or over the time since the start.
    ///
    /// The first second counts as a whole second.
    func perSecond(at now: Duration) -> Double {
        let oldest = Int(now.components.seconds) - Self.length + 1
        var sum = 0
        for place in 0..<Self.length {
            let second = seconds[place].load(ordering: .relaxed)
            if Int(second >> 32) >= oldest { sum += Int(second & 0xFFFF_FFFF) }
        }
        return Double(sum) / max(1, (now - max(start, .seconds(oldest))) / .seconds(1))
    }
}
