public import EventLoops
public import WippyRuntime

/// A provider whose executors are event loops, on which servers can listen.
public protocol EventLoopProvider: ExecutorProvider {
    /// The event loops.
    var loops: EventLoopGroup { get }
}

extension BuildContext {
    /// Returns the application's event loops.
    ///
    /// - Throws: ``BuildError`` if the application does not run on event loops.
    public func eventLoops() throws -> EventLoopGroup {
        guard let loops = (environment.executors as? any EventLoopProvider)?.loops else {
            throw BuildError(id, "needs event loops, but this program has none")
        }
        return loops
    }
}
