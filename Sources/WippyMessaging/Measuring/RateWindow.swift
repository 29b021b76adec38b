import Synchronization

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
