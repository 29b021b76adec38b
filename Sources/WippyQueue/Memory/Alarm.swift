import Synchronization
import WippyRuntime

/// The moments that many ask for, and the one task that waits for the earliest.
final class Alarm: Sendable {
    private struct State {
        var earliest: Duration?
        /// Fires when an earlier moment is asked for.
        var change = StopSignal()
    }

    private let state = Mutex(State())

    /// Asks for a moment; one that is later than another's is covered by that, after which everyone asks again.
    func set(at moment: Duration) {
        let change = state.withLock { state -> StopSignal? in
            if let earliest = state.earliest, earliest <= moment { return nil }
            state.earliest = moment
            return state.change
        }
        change?.fire()
    }

    /// Calls `ring` at the earliest moment that was asked for, again and again until the task is cancelled.
    func run(by clock: any RuntimeClock, _ ring: () -> Void) async {
        while !Task.isCancelled {
            let (moment, change) = state.withLock { state in
                state.change = StopSignal()
                return (state.earliest, state.change)
            }
            if let moment, moment <= clock.now {
                state.withLock { $0.earliest = nil }
                ring()
            } else if let moment {
                await change.wait(until: moment, by: clock)
            } else {
                await change.wait()
            }
        }
    }
}
