import Synchronization

/// Tells load balancers whether every required service is ready.
///
/// ``isReady`` is also false while a reload starts or stops a required service.
public final class Readiness: Sendable {
    private let value = Atomic(false)

    /// Creates a readiness whose ``isReady`` is false.
    public init() {}

    /// True if the application has started, every required service is ready, and no stop has begun.
    public var isReady: Bool { value.load(ordering: .relaxed) }

    /// Sets the value.
    func set(_ isReady: Bool) { value.store(isReady, ordering: .relaxed) }
}
