import WippyMessaging
import WippyRuntime

/// The driver's failures that one worker has met in a row.
struct DriverFailures {
    private let health: DriverHealth
    private let clock: any RuntimeClock
    private var count = 0

    init(of health: DriverHealth, clock: any RuntimeClock) {
        self.health = health
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
        health.didRecover()
    }

    /// Notes that the worker ends.
    mutating func leave() {
        guard count > 0 else { return }
        count = 0
        health.didLeave()
    }

    /// Counts a failure, and waits before the next attempt.
    ///
    /// The wait ends early if the task is cancelled or the signal fires.
    mutating func wait(after error: any Error, orUntil stop: StopSignal? = nil) async {
        count += 1
        if count == 1 { health.didFail(error) }
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
