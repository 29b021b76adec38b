public import Synchronization

/// How one component holds another.
///
/// A reload can point the link at a new component.
///
/// Read ``target`` at each use, never before. Then a reload changes one value, and everything that holds the link goes
/// on.
public final class Link<Target: Sendable>: Sendable {
    @usableFromInline let box: Mutex<Target>

    /// Creates a link to a component.
    public init(_ target: Target) {
        box = Mutex(target)
    }

    /// The current component.
    ///
    /// Inlined, since code that is generic over the target costs each request more than the lock.
    @inlinable public var target: Target { box.withLock { $0 } }

    /// Points the link at another component.
    ///
    /// Work that has read the old one ends with it.
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
