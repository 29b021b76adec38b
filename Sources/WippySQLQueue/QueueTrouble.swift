import Synchronization
import WippyLog
import WippyRuntime
import WippySQL
import WippyValues

/// Whether the database of a driver's queues fails.
///
/// The log says so once a minute at most, and once that it works again.
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

    /// Whether the last that is known of the database is that it fails.
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
            "the database of the queues fails; publishers are refused, and everything is tried again each second",
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

/// The time as the tables have it: milliseconds since 1970, that pass by the application's clock.
struct QueueTime: Sendable {
    private let clock: any RuntimeClock
    private let start: Int

    /// - Parameter clock: what says how time passes.
    init(by clock: any RuntimeClock) {
        self.clock = clock
        start = UnixTime.milliseconds - Int(clock.now / .milliseconds(1))
    }

    /// The present moment, rounded down.
    var now: Int { start + Int(clock.now / .milliseconds(1)) }

    /// When a time will have passed, rounded up: what is due is never early.
    func after(_ delay: Duration) -> Int { start + (clock.now + delay).milliseconds }

    /// A moment by the application's clock.
    func moment(_ time: Int) -> Duration { .milliseconds(time - start) }
}
