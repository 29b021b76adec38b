import Synchronization

/// Whether every required service is ready, the answer for load balancers.
///
/// It is true from the end of the start to the beginning of the stop. It is false while a required service has failed
/// and waits for its next attempt, and while a reload builds one anew.
public final class Readiness: Sendable {
    private let value = Atomic(false)

    /// Creates one that is false.
    public init() {}

    /// Whether every required service is ready now.
    public var isReady: Bool { value.load(ordering: .relaxed) }

    /// Says how it is from now on.
    func set(_ isReady: Bool) { value.store(isReady, ordering: .relaxed) }
}
