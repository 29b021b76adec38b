import WippyValues

/// The clock by which the runtime waits.
///
/// A test can advance its own.
public protocol RuntimeClock: Sendable {
    /// The time since a fixed moment. It never goes back.
    var now: Duration { get }

    /// The time of day in milliseconds since 1970, in UTC. By default it is the system's.
    ///
    /// It can go back if somebody sets the system's clock.
    var unixMilliseconds: Int { get }

    /// Suspends until the time has come.
    ///
    /// - Throws: `CancellationError` as soon as the task is cancelled.
    func sleep(until deadline: Duration) async throws
}

extension RuntimeClock {
    /// The system's time of day.
    public var unixMilliseconds: Int { UnixTime.milliseconds }

    /// Suspends for a time; returns at once if it is zero or negative.
    public func sleep(for duration: Duration) async throws {
        guard duration > .zero else { return }
        try await sleep(until: now + duration)
    }

    /// Runs `body` for a time at most.
    ///
    /// Past it `body` is cancelled, and the call fails when `body` has ended.
    ///
    /// - Throws: what `body` throws, or `error` when the time is over.
    package func within<Result: Sendable>(
        _ limit: Duration, orThrow error: @autoclosure @escaping @Sendable () -> any Error,
        _ body: @escaping @Sendable () async throws -> Result
    ) async throws -> Result {
        try await withThrowingTaskGroup(of: Result.self) { group in
            group.addTask { try await body() }
            group.addTask {
                try await sleep(for: limit)
                throw error()
            }
            defer { group.cancelAll() }
            guard let result = try await group.next() else { throw CancellationError() }
            return result
        }
    }
}

/// The system's monotonic time.
public struct SystemClock: RuntimeClock {
    private static let start = ContinuousClock.now

    /// Creates the clock.
    public init() {}

    /// The time since the first use of the clock.
    public var now: Duration { Self.start.duration(to: .now) }

    /// Suspends until the time has come, 100 years at most.
    public func sleep(until deadline: Duration) async throws {
        // The system's own sleep traps on a time far beyond.
        try await Task.sleep(until: Self.start + min(deadline, Self.longest), clock: .continuous)
    }

    private static let longest = Duration.seconds(100 * 365 * 86_400)
}
