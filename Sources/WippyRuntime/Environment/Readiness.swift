import Synchronization

/// Tells load balancers whether every required service is ready.
///
/// The value is true from the end of the start to the beginning of the stop, with two exceptions. It is false while a
/// required service has failed and waits for its next attempt. It is also false while a reload builds a required
/// service anew.
public final class Readiness: Sendable {
    private let value = Atomic(false)

    /// Creates a readiness that is false at first.
    public init() {}

    /// True if every required service is ready now.
    public var isReady: Bool { value.load(ordering: .relaxed) }

    /// Sets the value.
    func set(_ isReady: Bool) { value.store(isReady, ordering: .relaxed) }
}
