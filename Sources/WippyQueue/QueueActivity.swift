import Synchronization
package import WippyDefinition
package import WippyRuntime

/// What happens at a queue: counters of the metrics, and rates over the last minute.
package final class QueueActivity: Sendable {
    private struct Windows {
        var published, settled, failed: RateWindow
    }

    private let clock: any RuntimeClock
    private let published: Counter
    private let settled: Counter
    private let failed: Counter
    private let windows: Mutex<Windows>

    /// Begins to count for the queue of an entry.
    package init(of queue: EntryID, in metrics: Metrics, by clock: any RuntimeClock) {
        self.clock = clock
        published = metrics.counter("queue.published", of: queue)
        settled = metrics.counter("queue.settled", of: queue)
        failed = metrics.counter("queue.failed", of: queue)
        let window = RateWindow(since: clock.now)
        windows = Mutex(Windows(published: window, settled: window, failed: window))
    }

    /// The queue has accepted messages.
    package func didPublish(_ count: Int = 1) { note(published, \.published, count) }

    /// A handler has done its work.
    package func didSettle() { note(settled, \.settled, 1) }

    /// An attempt has failed.
    package func didFail() { note(failed, \.failed, 1) }

    private func note(_ counter: Counter, _ window: WritableKeyPath<Windows, RateWindow>, _ count: Int) {
        counter.add(count)
        let now = clock.now
        windows.withLock { $0[keyPath: window].add(count, at: now) }
    }

    /// How often each happens.
    package var rates: QueueRates {
        let now = clock.now
        return windows.withLock { windows in
            QueueRates(
                published: windows.published.perSecond(at: now), settled: windows.settled.perSecond(at: now),
                failed: windows.failed.perSecond(at: now))
        }
    }
}

/// How often something happened within the last minute: a count for each second.
struct RateWindow: Sendable {
    private static let length = 60

    private let start: Duration
    private var counts = [Int](repeating: 0, count: Self.length)
    /// The second that was counted last.
    private var second: Int
    private var sum = 0

    init(since start: Duration) {
        self.start = start
        second = Int(start.components.seconds)
    }

    mutating func add(_ count: Int, at now: Duration) {
        advance(to: now)
        counts[second % Self.length] += count
        sum += count
    }

    /// The mean of the last minute, or of the time since the start; the first second counts as a whole one.
    mutating func perSecond(at now: Duration) -> Double {
        advance(to: now)
        let oldest = Duration.seconds(second - Self.length + 1)
        return Double(sum) / max(1, (now - max(start, oldest)) / .seconds(1))
    }

    private mutating func advance(to now: Duration) {
        let current = Int(now.components.seconds)
        guard current > second else { return }
        for passed in 1...min(current - second, Self.length) {
            let place = (second + passed) % Self.length
            sum -= counts[place]
            counts[place] = 0
        }
        second = current
    }
}
