import Synchronization

/// A signal that asks its receiver to stop.
///
/// It fires at most once. The receiver can finish its work first, until the ``deadline``.
public final class StopSignal: Sendable {
    private struct State {
        var isFired = false
        var deadline: Duration?
        var nextKey = 0
        var observers: [Int: @Sendable () -> Void] = [:]
    }

    private let state = Mutex(State())

    /// Creates a signal that has not fired.
    public init() {}

    /// True if the signal has fired.
    public var isFired: Bool { state.withLock { $0.isFired } }

    /// The time at which the receiver of the signal is cancelled, by the runtime's clock; nil before the signal has
    /// fired, or if there is no such time.
    public var deadline: Duration? { state.withLock { $0.deadline } }

    /// Fires the signal.
    ///
    /// Observers run on the caller's thread. Later calls do nothing.
    ///
    /// - Parameter deadline: the time at which the receiver is cancelled, by the runtime's clock; nil for no such time.
    ///   Default: nil.
    public func fire(deadline: Duration? = nil) {
        let observers = state.withLock { state -> [@Sendable () -> Void] in
            guard !state.isFired else { return [] }
            state.isFired = true
            state.deadline = deadline
            defer { state.observers = [:] }
            return state.observers.sorted { $0.key < $1.key }.map(\.value)
        }
        for observer in observers { observer() }
    }

    /// Suspends until the signal has fired or the task is cancelled.
    public func wait() async {
        let key = makeKey()
        await waitInLine { (continuation: CheckedContinuation<Void, Never>) in
            observe(key) { continuation.resume() }
        } leaving: {
            // The task continues before the signal fires.
            self.state.withLock { $0.observers.removeValue(forKey: key) }?()
        }
    }

    /// Suspends until the signal has fired, the deadline has come, or the task is cancelled.
    public func wait(until deadline: Duration, by clock: any RuntimeClock) async {
        try? await race {
            await self.wait()
        } against: {
            try await clock.sleep(until: deadline)
        }
    }

    /// Calls `observer` once when the signal fires, on the thread that fires it.
    ///
    /// If the signal has fired already, `observer` is called at once. If you no longer need the call, use
    /// ``StopObservation/end()``.
    public func onFire(_ observer: @escaping @Sendable () -> Void) -> StopObservation {
        let key = makeKey()
        _ = observe(key, observer)
        return StopObservation { [self] in
            _ = state.withLock { $0.observers.removeValue(forKey: key) }
        }
    }

    private func makeKey() -> Int {
        state.withLock { state in
            state.nextKey += 1
            return state.nextKey
        }
    }

    /// - Returns: false if the signal has fired already, so that the observer was called at once.
    private func observe(_ key: Int, _ observer: @escaping @Sendable () -> Void) -> Bool {
        let isFired = state.withLock { state in
            if !state.isFired { state.observers[key] = observer }
            return state.isFired
        }
        if isFired { observer() }
        return !isFired
    }
}

/// The registration of an observer of a stop signal.
public struct StopObservation: Sendable {
    private let ending: @Sendable () -> Void

    init(ending: @escaping @Sendable () -> Void) {
        self.ending = ending
    }

    /// Ends the registration.
    ///
    /// If the signal fires later, the observer is not called. If the signal fires at the same time, the observer may be
    /// called, even after this method has returned.
    public func end() {
        ending()
    }
}

extension StopSignal {
    /// Creates a signal that fires when all of the given tasks have ended.
    ///
    /// An unstructured task waits for them, because a task that ignores its cancellation may never end.
    ///
    /// - Parameters:
    ///   - tasks: the tasks to wait for.
    ///   - executor: runs the wait; nil for Swift's shared pool, which may have no thread at the limit of threads.
    package convenience init<Result>(endOf tasks: [Task<Result, Never>], on executor: (any TaskExecutor)?) {
        self.init()
        Task(executorPreference: executor) {
            for task in tasks { _ = await task.value }
            self.fire()
        }
    }
}
