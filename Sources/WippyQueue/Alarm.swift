import Synchronization
package import WippyRuntime

/// The moments that many ask for, and the one task that waits for the earliest.
package final class Alarm: Sendable {
    private struct State {
        var earliest: Duration?
        /// Fires when an earlier moment is asked for.
        var change = StopSignal()
    }

    private let state = Mutex(State())

    /// An alarm that nobody has set.
    package init() {}

    /// Asks for a moment; one that is later than another's is covered by that, after which everyone asks again.
    package func set(at moment: Duration) {
        let change = state.withLock { state -> StopSignal? in
            if let earliest = state.earliest, earliest <= moment { return nil }
            state.earliest = moment
            return state.change
        }
        change?.fire()
    }

    /// Calls `ring` at the earliest moment that was asked for, again and again until the task is cancelled.
    package func run(by clock: any RuntimeClock, _ ring: () async -> Void) async {
        while !Task.isCancelled {
            let (moment, change) = state.withLock { state in
                state.change = StopSignal()
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
