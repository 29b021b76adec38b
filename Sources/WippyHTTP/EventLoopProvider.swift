public import EventLoops
public import WippyRuntime

/// Executors that are event loops, on which a server can listen.
public protocol EventLoopProvider: ExecutorProvider {
    /// The loops.
    var loops: EventLoopGroup { get }
}
