import Synchronization
public import WippyRuntime
import WippyValues

/// The system's time, which a test can move forward.
///
/// After `advance(by: .seconds(3600))` everything that is due in an hour is due.
///
/// Between two calls it runs like any clock, so code with short waits needs no help.
public final class AdvanceableClock: RuntimeClock {
    private struct State {
        /// How far the clock is ahead of the system's.
        var lead = Duration.zero
        /// Fires when that becomes more.
        var change = StopSignal()
        var nextKey = 0
        var deadlines: [Int: Duration] = [:]
    }

    private let system = SystemClock()
    private let state = Mutex(State())

    /// Creates a clock with the system's time.
    public init() {}

    /// The system's time plus all advances.
    public var now: Duration { system.now + state.withLock { $0.lead } }

    /// The system's time of day, plus the time by which the clock was advanced.
    public var unixMilliseconds: Int { UnixTime.milliseconds + Int(state.withLock { $0.lead } / .milliseconds(1)) }

    /// The times at which the sleeping tasks wake, in order.
    public var deadlines: [Duration] { state.withLock { $0.deadlines.values.sorted() } }

    /// Moves the clock forward.
    ///
    /// Tasks whose time has come wake.
    ///
    /// - Parameter duration: how far. A negative duration does nothing, because no clock goes back.
    public func advance(by duration: Duration) {
        let change = state.withLock { state in
            state.lead += max(duration, .zero)
            defer { state.change = StopSignal() }
            return state.change
        }
        change.fire()
    }

    /// Suspends until the time has come, by itself or because the clock was advanced.
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
