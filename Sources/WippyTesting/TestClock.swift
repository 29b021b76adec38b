import Synchronization
public import WippyRuntime
import WippyValues

/// A clock that stands still until a test advances it.
///
/// Times are absolute. A task that goes to sleep after the clock has passed its time wakes at once, so a test need not
/// know whether the task slept first.
public final class TestClock: RuntimeClock {
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

        /// Takes out those who wait for as many sleepers as there are.
        mutating func takeSatisfiedWatchers() -> [CheckedContinuation<Void, Never>] {
            let count = sleepers.count
            defer { watchers.removeAll { $0.count <= count } }
            return watchers.filter { $0.count <= count }.map(\.continuation)
        }
    }

    private let state = Mutex(State())
    private let startMilliseconds: Int

    /// Creates a clock at zero, with the system's time of day.
    public init() {
        startMilliseconds = UnixTime.milliseconds
    }

    /// Creates a clock at zero, with a time of day in seconds since 1970.
    public init(unixSeconds: Int) {
        startMilliseconds = unixSeconds * 1000
    }

    /// The time to which the clock was advanced.
    public var now: Duration { state.withLock { $0.now } }

    /// The time of day.
    public var unixMilliseconds: Int { startMilliseconds + Int(now / .milliseconds(1)) }

    /// The times at which the sleeping tasks wake, in order.
    public var deadlines: [Duration] { state.withLock { $0.sleepers.map(\.deadline).sorted() } }

    /// Suspends until the clock has been advanced to the time.
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
    /// The tasks whose time has come wake in order of their times, then of their arrival.
    public func advance(by duration: Duration) {
        let due = state.withLock { state -> [Sleeper] in
            state.now += duration
            let now = state.now
            let due = state.sleepers.filter { $0.deadline <= now }
            state.sleepers.removeAll { $0.deadline <= now }
            return due.sorted { ($0.deadline, $0.key) < ($1.deadline, $1.key) }
        }
        for sleeper in due { sleeper.continuation.resume() }
    }

    /// Waits until at least this many tasks sleep.
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
        // A cancellation that came before the sleeper was there has found nobody to wake.
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
