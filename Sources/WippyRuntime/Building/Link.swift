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

/// A link whose target's type is known only at run time: what a change of the plan points elsewhere.
protocol AnyLink: AnyObject, Sendable {
    /// Leads to where another link of the same contract leads now.
    func lead(whereLeads other: any AnyLink)
}

extension Link: AnyLink {
    func lead(whereLeads other: any AnyLink) {
        // Links of one contract have one type.
        if let other = other as? Link<Target> { replace(with: other.target) }
    }
}
