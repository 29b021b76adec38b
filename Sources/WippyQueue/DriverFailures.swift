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

    /// A worker does not wait any more, and what it waited for has not come.
    fileprivate func leave() {
        waiting.withLock { $0 -= 1 }
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

    /// How long a driver that has failed must not fail before it counts as working, though no message comes.
    private static let quiet = Duration.seconds(10)

    /// Whether the driver has not failed since it last worked.
    var areOver: Bool { count == 0 }

    /// Takes the next message from a driver that has failed.
    ///
    /// The failures are over when there is one, or when the wait for one does not fail for a while.
    mutating func end(byTakingFrom subscription: any MessageSubscription) async throws -> Delivery? {
        try await withThrowingTaskGroup { [clock] group in
            group.addTask { Taking.ended(try await subscription.next()) }
            group.addTask {
                try? await clock.sleep(for: Self.quiet)
                return .goesOn
            }
            defer { group.cancelAll() }
            while let taking = try await group.next() {
                switch taking {
                case .ended(let delivery): return delivery
                case .goesOn: if !Task.isCancelled { end() }
                }
            }
            return nil
        }
    }

    private enum Taking: Sendable {
        case ended(Delivery?)
        case goesOn
    }

    /// The driver works.
    mutating func end() {
        guard count > 0 else { return }
        count = 0
        trouble.end()
    }

    /// The worker ends.
    mutating func leave() {
        guard count > 0 else { return }
        count = 0
        trouble.leave()
    }

    /// How long to wait after so many failures in a row: a tenth of a second, and twice as long each time, up to half a
    /// minute.
    static func delay(after count: Int) -> Duration {
        min(.milliseconds(100) * (1 << min(count - 1, 20)), .seconds(30))
    }

    /// Waits before the next attempt, as ``delay(after:)`` says.
    ///
    /// Cancelling the task ends the wait, and so does the signal if there is one.
    mutating func wait(after error: any Error, orUntil stop: StopSignal? = nil) async {
        count += 1
        if count == 1 { trouble.begin(error) }
        let delay = Self.delay(after: count)
        if let stop {
            await stop.wait(until: clock.now + delay, by: clock)
        } else {
            try? await clock.sleep(for: delay)
        }
    }
}
