import Synchronization
import WippyValues

/// A clock that stands still until a test advances it.
///
/// Deadlines are times of this clock. A task that begins to sleep after its deadline wakes at once.
public final class TestClock: Sendable {
    private struct Sleeper {
        let key: Int
        let deadline: Duration
        let continuation: CheckedContinuation<Void, any Error>
    }

    private struct State {
        var now = Duration.zero
        var nextKey = 0
        var sleepers: [Sleeper] = []
        var watchers: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []

        /// Removes the watchers whose number of sleeping tasks is reached.
        mutating func takeSatisfiedWatchers() -> [CheckedContinuation<Void, Never>] {
            let count = sleepers.count
            defer { watchers.removeAll { $0.count <= count } }
            return watchers.filter { $0.count <= count }.map(\.continuation)
        }
    }

    private let state = Mutex(State())
    private let startMilliseconds: Int

    /// Creates a clock that shows zero.
    ///
    /// Its time of day starts at the system's time of day.
    public init() {
        startMilliseconds = UnixTime.milliseconds
    }

    /// Creates a clock that shows zero, and whose time of day starts at a number of seconds since 1970.
    public init(unixSeconds: Int) {
        startMilliseconds = unixSeconds * 1000
    }

    /// The clock's time: zero, plus the time by which it was advanced.
    public var now: Duration { state.withLock { $0.now } }

    /// The time of day in milliseconds since 1970.
    public var unixMilliseconds: Int { startMilliseconds + Int(now / .milliseconds(1)) }

    /// The times at which the sleeping tasks are due, earliest first.
    public var deadlines: [Duration] { state.withLock { $0.sleepers.map(\.deadline).sorted() } }

    /// Suspends until the clock has been advanced to the time `deadline`.
    ///
    /// - Throws: `CancellationError` when the task is cancelled.
    public func sleep(until deadline: Duration) async throws {
        try Task.checkCancellation()
        let key = state.withLock { state -> Int in
            state.nextKey += 1
            return state.nextKey
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                add(Sleeper(key: key, deadline: deadline, continuation: continuation))
            }
        } onCancel: {
            cancel(key)
        }
    }

    /// Moves the clock forward.
    ///
    /// Sleeping tasks whose time has come are resumed in the order of their times. Tasks with the same time are resumed
    /// in the order in which they began to sleep.
    ///
    /// - Parameter duration: the time by which the clock moves. A negative duration does nothing.
    public func advance(by duration: Duration) {
        let due = state.withLock { state -> [Sleeper] in
            state.now += max(duration, .zero)
            let now = state.now
            let due = state.sleepers.filter { $0.deadline <= now }
            state.sleepers.removeAll { $0.deadline <= now }
            return due.sorted { ($0.deadline, $0.key) < ($1.deadline, $1.key) }
        }
        for sleeper in due { sleeper.continuation.resume() }
    }

    /// Waits until at least `count` tasks sleep on this clock.
    ///
    /// Cancelling the task does not end this wait.
    ///
    /// - Parameter count: the number of tasks. Default: 1.
    public func hasSleepers(_ count: Int = 1) async {
        await withCheckedContinuation { continuation in
            let satisfied = state.withLock { state in
                state.watchers.append((count, continuation))
                return state.takeSatisfiedWatchers()
            }
            for watcher in satisfied { watcher.resume() }
        }
    }

    private func add(_ sleeper: Sleeper) {
        let satisfied = state.withLock { state -> [CheckedContinuation<Void, Never>]? in
            guard state.now < sleeper.deadline else { return nil }
            state.sleepers.append(sleeper)
            return state.takeSatisfiedWatchers()
        }
        guard let satisfied else { return sleeper.continuation.resume() }
        for watcher in satisfied { watcher.resume() }
        // If the task was cancelled before the sleeper was added, the cancellation has not woken it.
        if Task.isCancelled { cancel(sleeper.key) }
    }

    private func cancel(_ key: Int) {
        let sleeper = state.withLock { state -> Sleeper? in
            guard let index = state.sleepers.firstIndex(where: { $0.key == key }) else { return nil }
            return state.sleepers.remove(at: index)
        }
        sleeper?.continuation.resume(throwing: CancellationError())
    }
}
