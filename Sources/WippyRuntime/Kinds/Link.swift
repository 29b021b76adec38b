public import Synchronization

/// The way from one component to another: read once for each request or message, replaced when the topology changes.
///
/// Whoever needs another entry holds a link and reads ``target`` where it uses it, never before: so a change of the
/// topology replaces one value and leaves everything that refers to it running.
public final class Link<Target: Sendable>: Sendable {
    @usableFromInline let box: Mutex<Target>

    /// Creates a link to a component.
    public init(_ target: Target) {
        box = Mutex(target)
    }

    /// The component that is current now.
    ///
    /// Inlined, since code that is generic over the target costs each request more than the lock.
    @inlinable public var target: Target { box.withLock { $0 } }

    /// Points the link at another component.
    ///
    /// Work that has read the old one ends on it.
    public func replace(with target: Target) {
        box.withLock { $0 = target }
    }
}
