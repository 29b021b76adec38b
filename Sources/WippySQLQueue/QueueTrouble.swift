import Synchronization
import WippyLog
import WippyRuntime
import WippySQL
import WippyValues

/// Notices whether the database of a driver's queues fails.
///
/// The log has a line about failures at most once a minute, and one line when the database works again.
final class QueueTrouble: Sendable {
    private struct State {
        var isOn = false
        var nextLine = Duration.zero
        var silent = 0
    }

    private static let pause = Duration.seconds(60)

    private let state = Mutex(State())
    private let clock: any RuntimeClock
    private let log: Log

    init(clock: any RuntimeClock, log: Log) {
        self.clock = clock
        self.log = log
    }

    /// True if the database has failed, and is not known to work again.
    var isOn: Bool { state.withLock { $0.isOn } }

    /// Notes a failure.
    func note(_ error: any Error) {
        guard !(error is CancellationError) else { return }
        let now = clock.now
        let silent = state.withLock { state -> Int? in
            state.isOn = true
            guard now >= state.nextLine else {
                state.silent += 1
                return nil
            }
            defer { state.silent = 0 }
            state.nextLine = now + Self.pause
            return state.silent
        }
        guard let silent else { return }
        log.error(
            "the database of the queues fails; publishers get an error, and the driver tries again each second",
            ["reason": "\(FailureReason.text(of: error))", "failures_before": LogValue(silent)])
    }

    /// Notes that the database works.
    func end() {
        let wasOn = state.withLock { state in
            defer { state.isOn = false }
            return state.isOn
        }
        if wasOn { log.info("the database of the queues works again") }
    }
}

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
    func after(_ delay: Duration) -> Int { start + (clock.now + delay).milliseconds }

    /// Returns a time as a moment of the application's clock.
    func moment(_ time: Int) -> Duration { .milliseconds(time - start) }
}
