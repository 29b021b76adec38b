import Synchronization

/// Tells load balancers whether every required service is ready.
///
/// The value is true from the end of the start to the beginning of the stop. During that time it is false while a
/// required service has failed and waits for its next attempt, and while a reload builds a required service anew.
public final class Readiness: Sendable {
    private let value = Atomic(false)

    /// Creates the value, which is "not ready" at first.
    public init() {}

    /// Whether every required service is ready now.
    public var isReady: Bool { value.load(ordering: .relaxed) }

    /// Sets the value.
    func set(_ isReady: Bool) { value.store(isReady, ordering: .relaxed) }
}
