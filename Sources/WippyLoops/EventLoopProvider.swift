public import EventLoops
public import WippyRuntime

/// A provider whose executors are event loops, on which servers can listen.
public protocol EventLoopProvider: ExecutorProvider {
    /// The event loops.
    var loops: EventLoopGroup { get }
}

extension ExecutorProvider {
    /// The event loops; nil if the executors are not event loops.
    public var eventLoops: EventLoopGroup? { (self as? any EventLoopProvider)?.loops }
}

extension BuildContext {
    /// Returns the application's event loops.
    ///
    /// - Throws: `BuildError` if the application does not run on event loops.
    public func eventLoops() throws -> EventLoopGroup {
        guard let loops = environment.executors.eventLoops else {
            throw BuildError(id, "needs event loops, but this program has none")
        }
        return loops
    }
}
