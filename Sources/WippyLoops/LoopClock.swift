public import EventLoops
public import WippyRuntime

/// The system's monotonic clock.
///
/// Its waits use the timers of event loops.
public struct LoopClock: RuntimeClock {
    /// The loop whose timers serve tasks that do not run on an event loop.
    private let control: EventLoop
    private let system = SystemClock()

    /// Creates the clock of an application.
    ///
    /// - Parameter control: the loop whose timers serve tasks that do not run on an event loop.
    public init(control: EventLoop) {
        self.control = control
    }

    /// The system's monotonic time, since an arbitrary moment.
    public var now: Duration { system.now }

    /// Waits until a moment of this clock.
    ///
    /// - Throws: `CancellationError` as soon as the task is cancelled.
    public func sleep(until deadline: Duration) async throws {
        let loop = EventLoop.current ?? control
        do {
            // A loop counts whole milliseconds, from the beginning of its turn.
            while case let left = deadline - now, left > .zero { try await loop.sleep(for: left) }
            try Task.checkCancellation()
        } catch is SocketError {
            try await system.sleep(until: deadline)
        }
    }
}
