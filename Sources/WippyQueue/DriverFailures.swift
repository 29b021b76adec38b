import Synchronization
import WippyLog
import WippyRuntime

/// Notices whether the driver of a consumer's queue fails.
///
/// The log has one line when the driver begins to fail for a worker, and one line when it works again for all workers.
final class DriverTrouble: Sendable {
    private let log: Log
    /// The number of workers that wait for the driver.
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

    /// Notes that a worker stops waiting although the driver has not worked again.
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

/// The driver's failures that one worker has met in a row.
struct DriverFailures {
    private let trouble: DriverTrouble
    private let clock: any RuntimeClock
    private var count = 0

    init(of trouble: DriverTrouble, clock: any RuntimeClock) {
        self.trouble = trouble
        self.clock = clock
    }

    /// The time without a failure after which a driver counts as working, even if no message comes.
    private static let quiet = Duration.seconds(10)

    /// True if the driver works for this worker.
    var areOver: Bool { count == 0 }

    /// Waits for the next message of a driver that has failed.
    ///
    /// The failures are over when a message comes, or when the wait for a message has not failed for some time.
    mutating func next(from subscription: any MessageSubscription) async throws -> Delivery? {
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

    /// Notes that the driver works.
    mutating func end() {
        guard count > 0 else { return }
        count = 0
        trouble.end()
    }

    /// Notes that the worker ends.
    mutating func leave() {
        guard count > 0 else { return }
        count = 0
        trouble.leave()
    }

    /// Counts a failure, and waits before the next attempt.
    ///
    /// The wait ends early if the task is cancelled or the signal fires.
    mutating func wait(after error: any Error, orUntil stop: StopSignal? = nil) async {
        count += 1
        if count == 1 { trouble.begin(error) }
        let delay = Backoff.ofDriver.delay(count - 1)
        if let stop {
            await stop.wait(until: clock.now + delay, by: clock)
        } else {
            try? await clock.sleep(for: delay)
        }
    }
}

extension Backoff {
    /// The delays before the next attempt after failures of a driver.
    static let ofDriver = Backoff(initial: .milliseconds(100), factor: 2, most: .seconds(30), jitter: 0)
}
