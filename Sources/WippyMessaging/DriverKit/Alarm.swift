import Synchronization
public import WippyRuntime

/// Wakes one task at the earliest of several moments.
///
/// Many callers set moments. The task that runs the alarm waits for the earliest one. So a driver needs only one
/// task for all messages that wait for their next attempt.
public final class Alarm: Sendable {
    private struct State {
        var earliest: Duration?
        /// Fires if a caller sets an earlier moment.
        var change = OneShotEvent()
    }

    private let state = Mutex(State())

    /// Creates an alarm without a moment.
    public init() {}

    /// Sets a moment of the runtime's clock.
    ///
    /// The alarm keeps only the earliest moment. After it has rung, set again each moment that is still to come.
    public func set(at moment: Duration) {
        let change = state.withLock { state -> OneShotEvent? in
            if let earliest = state.earliest, earliest <= moment { return nil }
            state.earliest = moment
            return state.change
        }
        change?.fire()
    }

    /// Calls `ring` at the earliest moment, again and again, until the task is cancelled.
    ///
    /// Only one task may run the alarm. If the moment has passed already, `ring` is called at once.
    ///
    /// - Parameters:
    ///   - clock: the clock that measures the moments.
    ///   - ring: does what is due, and sets the moment at which more will be due.
    public func run(by clock: any RuntimeClock, _ ring: () async -> Void) async {
        while !Task.isCancelled {
            let (moment, change) = state.withLock { state in
                state.change = OneShotEvent()
                return (state.earliest, state.change)
            }
            if let moment, moment <= clock.now {
                state.withLock { $0.earliest = nil }
                await ring()
            } else if let moment {
                await change.wait(until: moment, by: clock)
            } else {
                await change.wait()
            }
        }
    }
}
