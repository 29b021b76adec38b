import Synchronization

/// An event that happens at most once, such as the end of a task, and for which tasks can wait.
///
/// ```swift
/// let isOpen = OneShotEvent()
/// let visitor = Task { await isOpen.wait() }
/// isOpen.fire()
/// ```
///
/// The request to stop a service is a ``StopSignal``.
public final class OneShotEvent: Sendable {
    private struct State {
        var isFired = false
        var nextKey = 0
        var observers: [Int: @Sendable () -> Void] = [:]
    }

    private let state = Mutex(State())

    /// Creates an event that has not happened.
    public init() {}

    /// True if the event has fired.
    public var isFired: Bool { state.withLock { $0.isFired } }

    /// Fires the event.
    ///
    /// Observers run on the caller's thread. Later calls do nothing.
    public func fire() { fire(after: {}) }

    /// Fires the event, and calls `prepare` before anybody learns it.
    ///
    /// Later calls do nothing.
    func fire(after prepare: () -> Void) {
        let observers = state.withLock { state -> [@Sendable () -> Void] in
            guard !state.isFired else { return [] }
            prepare()
            state.isFired = true
            defer { state.observers = [:] }
            return state.observers.sorted { $0.key < $1.key }.map(\.value)
        }
        for observer in observers { observer() }
    }

    /// Suspends until the event has fired or the task is cancelled.
    public func wait() async {
        let key = makeKey()
        await waitInLine { (continuation: CheckedContinuation<Void, Never>) in
            observe(key) { continuation.resume() }
        } leaving: {
            // The task continues before the event fires.
            self.state.withLock { $0.observers.removeValue(forKey: key) }?()
        }
    }

    /// Suspends until the event has fired, the deadline has come, or the task is cancelled.
    public func wait(until deadline: Duration, by clock: any RuntimeClock) async {
        try? await race {
            await self.wait()
        } against: {
            try await clock.sleep(until: deadline)
        }
    }

    /// Calls `observer` once when the event fires, on the thread that fires it.
    ///
    /// If the event has fired already, `observer` is called at once. If you no longer need the call, use
    /// ``EventObservation/end()``.
    public func onFire(_ observer: @escaping @Sendable () -> Void) -> EventObservation {
        let key = makeKey()
        _ = observe(key, observer)
        return EventObservation { [self] in
            _ = state.withLock { $0.observers.removeValue(forKey: key) }
        }
    }

    private func makeKey() -> Int {
        state.withLock { state in
            state.nextKey += 1
            return state.nextKey
        }
    }

    /// - Returns: false if the event has fired already, so that the observer was called at once.
    private func observe(_ key: Int, _ observer: @escaping @Sendable () -> Void) -> Bool {
        let isFired = state.withLock { state in
            if !state.isFired { state.observers[key] = observer }
            return state.isFired
        }
        if isFired { observer() }
        return !isFired
    }
}

/// The registration of an observer of an event.
public struct EventObservation: Sendable {
    private let ending: @Sendable () -> Void

    init(ending: @escaping @Sendable () -> Void) {
        self.ending = ending
    }

    /// Ends the registration.
    ///
    /// If the event fires later, the observer is not called. If the event fires at the same time, the observer may be
    /// called, even after this method has returned.
    public func end() {
        ending()
    }
}

extension OneShotEvent {
    /// Creates an event that fires when all of the given tasks have ended.
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
