import Synchronization
import WippyLog
import WippyRuntime

/// Whether the driver of a consumer's queue fails, as its workers find it: the log says once that it does, and once
/// that it works again.
final class DriverTrouble: Sendable {
    private let log: Log
    /// The workers that wait for the driver.
    private let waiting = Mutex(0)

    init(log: Log) {
        self.log = log
    }

    fileprivate func begin(_ error: any Error) {
        let isFirst = waiting.withLock { waiting in
            waiting += 1
            return waiting == 1
        }
        guard isFirst else { return }
        log.warning("the queue's driver fails; the workers try again", ["reason": "\(FailureReason.text(of: error))"])
    }

    fileprivate func end() {
        let isLast = waiting.withLock { waiting in
            waiting -= 1
            return waiting == 0
        }
        if isLast { log.info("the queue's driver works again") }
    }
}

/// The failures of the driver that one worker has met since it last worked.
struct DriverFailures {
    private let trouble: DriverTrouble
    private let clock: any RuntimeClock
    private var count = 0

    init(of trouble: DriverTrouble, clock: any RuntimeClock) {
        self.trouble = trouble
        self.clock = clock
    }

    /// The driver works.
    mutating func end() {
        guard count > 0 else { return }
        count = 0
        trouble.end()
    }

    /// Waits before the next attempt: a tenth of a second, and twice as long each time, up to half a minute.
    ///
    /// Cancelling the task ends the wait, and so does the signal if there is one.
    mutating func wait(after error: any Error, orUntil stop: StopSignal? = nil) async {
        count += 1
        if count == 1 { trouble.begin(error) }
        let delay = min(Duration.milliseconds(100) * (1 << min(count - 1, 20)), .seconds(30))
        await withTaskGroup { [clock] group in
            group.addTask { try? await clock.sleep(for: delay) }
            if let stop { group.addTask { await stop.wait() } }
            await group.next()
            group.cancelAll()
        }
    }
}
