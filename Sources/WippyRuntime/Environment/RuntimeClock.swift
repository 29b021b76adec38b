import WippyText
import WippyValues

/// A clock by which code of the runtime, of kinds and of handlers waits.
///
/// A test can use a clock that it advances itself.
public protocol RuntimeClock: Sendable {
    /// The time since a fixed moment. It never decreases.
    var now: Duration { get }

    /// The time of day in milliseconds since 1970, in UTC. Default: the system's time.
    ///
    /// It can decrease if the system's clock is set.
    var unixMilliseconds: Int { get }

    /// Suspends until ``now`` reaches the deadline.
    ///
    /// - Throws: `CancellationError` as soon as the task is cancelled.
    func sleep(until deadline: Duration) async throws
}

extension RuntimeClock {
    /// The default: the system's time of day, in milliseconds since 1970, in UTC.
    public var unixMilliseconds: Int { UnixTime.milliseconds }

    /// Suspends for a time.
    ///
    /// Returns at once if the time is zero or negative, even in a cancelled task.
    ///
    /// - Throws: `CancellationError` as soon as the task is cancelled.
    public func sleep(for duration: Duration) async throws {
        guard duration > .zero else { return }
        try await sleep(until: now + duration)
    }

    /// Runs `body`, and cancels it when the time is up.
    ///
    /// The call always waits until `body` has ended. So `body` must end soon after it is cancelled.
    ///
    /// - Parameters:
    ///   - limit: the longest time that `body` may take.
    ///   - error: the error for a `body` that takes longer.
    ///   - body: the work. It runs in a task of its own, which is also cancelled with the caller's task.
    /// - Returns: the result of `body`.
    /// - Throws: the error of `body`; `error` when the time is over first. If the caller's task is cancelled, the error
    ///   can also be a `CancellationError`.
    public func within<Result: Sendable>(
        _ limit: Duration, orThrow error: @autoclosure @escaping @Sendable () -> any Error,
        _ body: @escaping @Sendable () async throws -> Result
    ) async throws -> Result {
        try await race(body) {
            try await sleep(for: limit)
            throw error()
        }
    }
}

/// The system's monotonic clock.
public struct SystemClock: RuntimeClock {
    private static let start = ContinuousClock.now

    /// Creates the clock.
    public init() {}

    /// The time since the first use of a `SystemClock` in this process.
    public var now: Duration { Self.start.duration(to: .now) }

    /// Suspends until ``now`` reaches the deadline.
    ///
    /// A deadline above 100 years counts as 100 years.
    public func sleep(until deadline: Duration) async throws {
        // `Task.sleep` traps on a time that is too far in the future.
        try await Task.sleep(until: Self.start + min(deadline, .century), clock: .continuous)
    }
}
