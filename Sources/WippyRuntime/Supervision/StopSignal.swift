import Synchronization

/// A signal that asks its receiver to stop.
///
/// It fires at most once. The receiver can finish its work first, until the ``deadline``.
public final class StopSignal: Sendable {
    private let event = OneShotEvent()
    private let limit = Mutex<Duration?>(nil)

    /// Creates a signal that has not fired.
    public init() {}

    /// True if the signal has fired.
    public var isFired: Bool { event.isFired }

    /// The latest time at which a receiver that still runs is cancelled, by the runtime's clock.
    ///
    /// It is nil before the signal has fired, or if there is no such time.
    public var deadline: Duration? { limit.withLock { $0 } }

    /// Fires the signal.
    ///
    /// Observers run on the caller's thread. Later calls do nothing.
    ///
    /// - Parameter deadline: the ``deadline`` of the signal, by the runtime's clock; nil for none. Default: nil.
    public func fire(deadline: Duration? = nil) {
        event.fire(after: { limit.withLock { $0 = deadline } })
    }

    /// Suspends until the signal has fired or the task is cancelled.
    public func wait() async { await event.wait() }

    /// Suspends until the signal has fired, the deadline has come, or the task is cancelled.
    public func wait(until deadline: Duration, by clock: any RuntimeClock) async {
        await event.wait(until: deadline, by: clock)
    }

    /// Calls `observer` once when the signal fires, on the thread that fires it.
    ///
    /// If the signal has fired already, `observer` is called at once. If you no longer need the call, use
    /// ``EventObservation/end()``.
    public func onFire(_ observer: @escaping @Sendable () -> Void) -> EventObservation { event.onFire(observer) }
}
