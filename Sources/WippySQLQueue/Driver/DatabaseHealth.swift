import Synchronization
import WippyLog
import WippyMessaging
import WippyRuntime

/// Notices whether the database of a driver's queues fails.
///
/// The log has a line about failures at most once a minute, and one line when the database works again.
final class DatabaseHealth: Sendable {
    private struct State {
        var isFailing = false
        var lines = LineAllowance(lines: 1, per: .seconds(60))
    }

    private let state = Mutex(State())
    private let clock: any RuntimeClock
    private let log: Log

    init(clock: any RuntimeClock, log: Log) {
        self.clock = clock
        self.log = log
    }

    /// True if the database has failed, and is not known to work again.
    var isFailing: Bool { state.withLock { $0.isFailing } }

    /// Notes a failure.
    func didFail(_ error: any Error) {
        guard !(error is CancellationError) else { return }
        let now = clock.now
        let leftOut = state.withLock { state in
            state.isFailing = true
            return state.lines.take(at: now)
        }
        guard let leftOut else { return }
        log.error(
            "the database of the queues fails; publishers get an error, and the driver tries again each second",
            ["reason": "\(FailureReason.text(of: error))", "failures_before": LogValue(leftOut)])
    }

    /// Notes that the database works.
    func didRecover() {
        let wasFailing = state.withLock { state in
            defer { state.isFailing = false }
            return state.isFailing
        }
        if wasFailing { log.info("the database of the queues works again") }
    }
}
