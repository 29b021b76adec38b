import WippyRuntime
import WippyText
import WippyValues

/// The time in the tables: milliseconds since 1970.
///
/// It advances by the application's clock.
struct QueueTime: Sendable {
    private let clock: any RuntimeClock
    private let start: Int

    /// - Parameter clock: the clock by which the time advances.
    init(by clock: any RuntimeClock) {
        self.clock = clock
        start = UnixTime.milliseconds - Int(clock.now / .milliseconds(1))
    }

    /// The current time, rounded down.
    var now: Int { start + Int(clock.now / .milliseconds(1)) }

    /// Returns the time after a delay, rounded up, so that a message is never due too early.
    func after(_ delay: Duration) -> Int { start + (clock.now + delay).tableMilliseconds }

    /// Returns a time as a moment of the application's clock.
    ///
    /// A damaged row may have any number.
    func moment(_ time: Int) -> Duration { .milliseconds(max(time, 0) - start) }
}

extension Duration {
    /// The duration in milliseconds, rounded up.
    ///
    /// It is at most 10,000 years, so that its sum with a time of the tables fits into an integer.
    var tableMilliseconds: Int { min(max(wholeMilliseconds, 0), Duration.days(10_000 * 366).wholeMilliseconds) }
}
