public import Synchronization

/// Leads from one component to another.
///
/// Any thread can use a link.
///
/// A reload can point the link at a new component. So read ``target`` at each use, and do not keep the component.
public final class Link<Target: Sendable>: Sendable {
    @usableFromInline let box: Mutex<Target>

    /// Creates a link to a component.
    public init(_ target: Target) {
        box = Mutex(target)
    }

    /// The current component.
    @inlinable public var target: Target { box.withLock { $0 } }

    /// Points the link at another component.
    ///
    /// Work that has read the old component continues with it.
    public func replace(with target: Target) {
        // The old component is released outside of the lock, because its `deinit` may read the link.
        _ = box.withLock { current in
            let old = current
            current = target
            return old
        }
    }
}

extension Link: CustomReflectable {
    /// Shows the current component as `target`.
    public var customMirror: Mirror { Mirror(self, children: ["target": target]) }
}

/// A link whose target's type is known only at run time.
protocol AnyLink: AnyObject, Sendable {
    /// Points this link at the current target of another link of the same contract.
    func lead(whereLeads other: any AnyLink)

    /// The component to which the link leads.
    var component: any Sendable { get }
}

extension Link: AnyLink {
    var component: any Sendable { target }

    func lead(whereLeads other: any AnyLink) {
        // Links of one contract have one type.
        if let other = other as? Link<Target> { replace(with: other.target) }
    }
}
