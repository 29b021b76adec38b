import Synchronization
import WippyLog
import WippyMessaging
import WippyRuntime

/// Notices whether the driver of a consumer's queue fails.
///
/// The log has one line when the driver begins to fail for any worker, and one when it works again for all.
final class DriverHealth: Sendable {
    private let log: Log
    /// The number of workers that wait for the driver.
    private let waiting = Mutex(0)

    init(log: Log) {
        self.log = log
    }

    /// Notes that a worker waits because the driver fails.
    func didFail(_ error: any Error) {
        let isFirst = waiting.withLock { waiting in
            waiting += 1
            return waiting == 1
        }
        guard isFirst else { return }
        log.warning("the queue's driver fails; the workers try again", ["reason": "\(FailureReason.text(of: error))"])
    }

    /// Notes that a worker stops waiting although the driver has not worked again.
    func didLeave() {
        waiting.withLock { $0 -= 1 }
    }

    /// Notes that the driver works again for a worker that has waited.
    func didRecover() {
        let isLast = waiting.withLock { waiting in
            waiting -= 1
            return waiting == 0
        }
        if isLast { log.info("the queue's driver works again") }
    }
}
