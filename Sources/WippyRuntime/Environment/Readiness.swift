import Synchronization

/// Tells load balancers whether every required service is ready.
///
/// It is true from the end of the start to the beginning of the stop. It is false while a required service has failed
/// and waits for its next attempt, and while a reload builds one anew.
public final class Readiness: Sendable {
    private let value = Atomic(false)

    /// Creates the answer "not ready".
    public init() {}

    /// Whether every required service is ready now.
    public var isReady: Bool { value.load(ordering: .relaxed) }

    /// Sets the answer.
    func set(_ isReady: Bool) { value.store(isReady, ordering: .relaxed) }
}
