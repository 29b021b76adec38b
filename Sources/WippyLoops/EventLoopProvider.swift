public import EventLoops
public import WippyRuntime

/// Executors that are event loops, on which a server can listen.
public protocol EventLoopProvider: ExecutorProvider {
    /// The loops.
    var loops: EventLoopGroup { get }
}

extension BuildContext {
    /// The application's event loops.
    ///
    /// - Throws: ``BuildError`` when the program runs its entries on other executors.
    public func eventLoops() throws -> EventLoopGroup {
        guard let loops = (environment.executors as? any EventLoopProvider)?.loops else {
            throw BuildError(id, "needs event loops, but this program has none")
        }
        return loops
    }
}
