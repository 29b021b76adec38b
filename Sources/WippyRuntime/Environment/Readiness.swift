import Synchronization

/// Whether every required service is ready: what load balancers ask before they send anything.
///
/// True from the end of the start to the beginning of the stop, except while a required service is not there: it has
/// failed and waits for its next attempt, or a reload builds it anew.
public final class Readiness: Sendable {
    private let value = Atomic(false)

    /// Creates one that is false.
    public init() {}

    /// Whether it is so now.
    public var isReady: Bool { value.load(ordering: .relaxed) }

    /// Says how it is from now on.
    func set(_ isReady: Bool) { value.store(isReady, ordering: .relaxed) }
}
