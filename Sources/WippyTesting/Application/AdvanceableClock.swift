import Synchronization
public import WippyRuntime
import WippyValues

/// A clock that shows the system's time, and that a test can move forward.
///
/// After `advance(by: .seconds(3600))`, each wait by this clock that would end within an hour ends now. Between two
/// advances, the clock runs like the system's clock. The timeouts of an HTTP server use the event loop's clock instead.
public final class AdvanceableClock: RuntimeClock {
    private struct State {
        /// The time by which the clock is ahead of the system's.
        var lead = Duration.zero
        /// Fires when `lead` grows.
        var change = OneShotEvent()
        var nextKey = 0
        var deadlines: [Int: Duration] = [:]
    }

    private let system = SystemClock()
    private let state = Mutex(State())

    /// Creates a clock that shows the system's time.
    public init() {}

    /// The system's time, plus the time by which the clock was advanced.
    public var now: Duration { system.now + state.withLock { $0.lead } }

    /// The system's time of day in milliseconds since 1970, plus the time by which the clock was advanced.
    public var unixMilliseconds: Int { UnixTime.milliseconds + Int(state.withLock { $0.lead } / .milliseconds(1)) }

    /// The times at which the sleeping tasks are due, earliest first.
    public var deadlines: [Duration] { state.withLock { $0.deadlines.values.sorted() } }

    /// Moves the clock forward.
    ///
    /// Sleeping tasks whose time has come wake.
    ///
    /// - Parameter duration: the time by which the clock moves. A negative duration does nothing.
    public func advance(by duration: Duration) {
        let change = state.withLock { state in
            state.lead += max(duration, .zero)
            defer { state.change = OneShotEvent() }
            return state.change
        }
        change.fire()
    }

    /// Suspends until the clock shows the time `deadline`.
    ///
    /// - Throws: `CancellationError` when the task is cancelled.
    public func sleep(until deadline: Duration) async throws {
        let key = state.withLock { state in
            state.nextKey += 1
            state.deadlines[state.nextKey] = deadline
            return state.nextKey
        }
        defer { state.withLock { $0.deadlines[key] = nil } }
        while true {
            try Task.checkCancellation()
            let (lead, change) = state.withLock { ($0.lead, $0.change) }
            guard system.now + lead < deadline else { return }
            await change.wait(until: deadline - lead, by: system)
        }
    }
}
