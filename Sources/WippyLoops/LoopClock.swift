public import EventLoops
public import WippyRuntime

/// The system's time.
///
/// Tasks wait by the timer of the loop that they run on, so the end of a wait needs no new thread.
public struct LoopClock: RuntimeClock {
    /// Where tasks wait that run on no loop.
    private let control: EventLoop
    private let system = SystemClock()

    /// Creates the clock of an application.
    ///
    /// - Parameter control: the loop for tasks that run on no loop.
    public init(control: EventLoop) {
        self.control = control
    }

    /// The system's monotonic time.
    public var now: Duration { system.now }

    /// Waits until a moment, or until the task is cancelled.
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
