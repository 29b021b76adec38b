import Synchronization
package import WippyDefinition
package import WippyRuntime

/// What happens at a queue: counters of the metrics, and rates over the last minute.
///
/// Noting takes no lock.
package final class QueueActivity: Sendable {
    /// Something that happens: how often in all, and of late.
    private struct Happening: ~Copyable, Sendable {
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
    private let published, acknowledged, failed: Happening

    /// Begins to count for the queue of an entry.
    package init(of queue: EntryID, in metrics: Metrics, by clock: any RuntimeClock) {
        self.clock = clock
        let now = clock.now
        published = Happening("queue.published", of: queue, in: metrics, since: now)
        acknowledged = Happening("queue.acknowledged", of: queue, in: metrics, since: now)
        failed = Happening("queue.failed", of: queue, in: metrics, since: now)
    }

    /// The queue has accepted messages.
    package func didPublish(_ count: Int = 1) { published.note(count, at: clock.now) }

    /// A handler has done its work.
    package func didAcknowledge() { acknowledged.note(1, at: clock.now) }

    /// An attempt has failed.
    package func didFail() { failed.note(1, at: clock.now) }

    /// How often each happens.
    package var rates: QueueRates {
        let now = clock.now
        return QueueRates(
            published: published.window.perSecond(at: now), acknowledged: acknowledged.window.perSecond(at: now),
            failed: failed.window.perSecond(at: now))
    }
}

/// How often something happened within the last minute: a count for each second.
struct RateWindow: ~Copyable, Sendable {
    private static let length = 60

    private let start: Duration
    /// The place of a second is its remainder, and its upper half says which second it is.
    private let seconds = InlineArray<60, Atomic<UInt64>> { _ in Atomic(0) }

    init(since start: Duration) {
        self.start = start
    }

    /// Counts, up to some thousand million in each second.
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

    /// The mean of the last minute, or of the time since the start; the first second counts as a whole one.
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
