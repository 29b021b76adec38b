import Synchronization

/// A listening socket, whose connections go to the loops of a group in turn.
///
/// Clients that connect before ``start(accept:)`` wait in the kernel's queue. If you do not stop a listener, it goes on
/// until its group is shut down.
public final class Listener: Sendable {
    /// The address on which the listener listens.
    ///
    /// If you asked for port 0, this address has the port that the system chose.
    public let localAddress: SocketAddress

    private let acceptor: Acceptor
    private let group: EventLoopGroup

    /// Opens the socket and listens.
    ///
    /// - Parameters:
    ///   - address: the address on which the socket listens. A name is looked up, and must belong to this machine.
    ///   - group: the loops that get the connections.
    ///   - maxConnections: the number of open connections at which accepting pauses until one closes. A number below 1
    ///     counts as 1. Default: no limit.
    ///   - backlog: the largest number of finished handshakes in the kernel's queue, from 1 to 65,535. The system's own
    ///     limit (`net.core.somaxconn`) may be lower. Default: 4096.
    ///   - onPause: called on a loop when accepting pauses because of an error, such as a lack of descriptors or
    ///     memory. Accepting resumes by itself. The closure must not block. Default: nil.
    /// - Throws: `SocketError` when the listener cannot listen.
    public init(
        on address: SocketAddress, group: EventLoopGroup, maxConnections: Int? = nil, backlog: Int = 4096,
        onPause: (@Sendable (SocketError) -> Void)? = nil
    ) async throws(SocketError) {
        let resolved = try await address.resolved()
        let socket = try ListeningSocket(listeningOn: resolved, backlog: Int32(min(max(backlog, 1), 65_535)))
        let acceptor = Acceptor(
            socket, group: group, maxConnections: max(maxConnections ?? .max, 1), onPause: onPause)
        guard acceptor.loop.execute({ acceptor.open() }) else { throw .loopsShutDown }
        localAddress = socket.address
        self.acceptor = acceptor
        self.group = group
    }

    /// The number of open connections of this listener.
    public var openConnections: Int { acceptor.openConnections.load(ordering: .relaxed) }

    /// Changes the number of open connections at which accepting pauses.
    ///
    /// A number below 1 counts as 1. If more connections are open, none of them is closed.
    public func setMaxConnections(_ maximum: Int) {
        acceptor.loop.execute { [acceptor] in acceptor.setMaxConnections(max(maximum, 1)) }
    }

    /// The number of times that accepting has paused, for any reason.
    public var pauses: Int { acceptor.pauses.load(ordering: .relaxed) }

    /// Begins to accept connections.
    ///
    /// Call it once. Later calls have no effect.
    ///
    /// - Parameter accept: called for each connection, on that connection's loop. It sets the handler and starts
    ///   reading, now or later. The listener keeps the closure until it is stopped.
    public func start(accept: @escaping @Sendable (Connection) -> Void) {
        acceptor.loop.execute { [acceptor] in acceptor.start(accept) }
    }

    /// Stops listening.
    ///
    /// Clients that wait in the kernel's queue are accepted first, even beyond the maximum. If ``start(accept:)`` was
    /// not called, they are refused. Open connections stay open.
    ///
    /// The method returns when the socket is closed and `accept` has returned for the last connection. If the system
    /// has no descriptors left, the method waits for some. Cancellation has no effect. You can call it several times,
    /// and after the group's shutdown.
    public func stop() async {
        await withCheckedContinuation { continuation in
            let isQueued = acceptor.loop.execute { [acceptor] in acceptor.stop(continuation) }
            if !isQueued { continuation.resume() }
        }
        // In the queue of each loop, this comes after the connections that the loop has got.
        for loop in group.loops { await loop.passed() }
    }
}

extension EventLoop {
    /// Returns when everything that was queued before has run.
    fileprivate func passed() async {
        await withCheckedContinuation { continuation in
            if !execute({ continuation.resume() }) { continuation.resume() }
        }
    }
}
