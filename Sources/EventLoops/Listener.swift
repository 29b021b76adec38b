import Synchronization

/// A listening TCP socket, whose connections go to the loops of a group in turn.
///
/// It listens from its creation on, so that a taken port shows at once. Clients that connect before `start` wait in the
/// kernel's queue. A listener that you do not stop goes on until its group is shut down.
public final class Listener: Sendable {
    /// The address on which it listens.
    ///
    /// For port 0 it has the port that the system chose.
    public let localAddress: SocketAddress

    private let acceptor: Acceptor
    private let group: EventLoopGroup

    /// Opens the socket and listens.
    ///
    /// - Parameters:
    ///   - address: Where to listen. A name is looked up and must belong to this machine.
    ///   - group: The loops that get the connections.
    ///   - maximumConnections: How many connections may be open at once, at least 1. Past that, accepting pauses until
    ///     one closes, and clients wait in the kernel's queue. There is no limit by default.
    ///   - backlog: How many finished handshakes the kernel keeps, 1 to 65,535. The system's own limit
    ///     (`net.core.somaxconn`) may be lower. Past that, the kernel makes clients try again.
    ///   - onPause: Called on a loop each time that the system refuses another connection, mostly for lack of
    ///     descriptors or memory. Accepting resumes by itself, after 100 milliseconds or when a connection closes. It
    ///     must not block.
    /// - Throws: The reason why it cannot listen, and what to do.
    public init(
        on address: SocketAddress, group: EventLoopGroup, maximumConnections: Int? = nil, backlog: Int = 4096,
        onPause: (@Sendable (SocketError) -> Void)? = nil
    ) async throws(SocketError) {
        let resolved = try await address.resolved()
        let socket = try ListeningSocket(listeningOn: resolved, backlog: Int32(min(max(backlog, 1), 65_535)))
        let acceptor = Acceptor(
            socket, group: group, maximumConnections: max(maximumConnections ?? .max, 1), onPause: onPause)
        guard acceptor.loop.execute({ acceptor.open() }) else { throw .loopsShutDown }
        localAddress = socket.address
        self.acceptor = acceptor
        self.group = group
    }

    /// How many of its connections are open.
    public var openConnections: Int { acceptor.openConnections.load(ordering: .relaxed) }

    /// Changes how many connections may be open at once, at least 1, from the next turn of the accepting loop on.
    ///
    /// If more are open, none is closed: accepting pauses until there is room.
    public func setMaximumConnections(_ maximum: Int) {
        acceptor.loop.execute { [acceptor] in acceptor.setMaximumConnections(max(maximum, 1)) }
    }

    /// How often accepting has paused, for any reason.
    public var pauses: Int { acceptor.pauses.load(ordering: .relaxed) }

    /// Begins to accept connections.
    ///
    /// Call it once; later calls have no effect.
    ///
    /// - Parameter accept: Called for each connection, on that connection's loop. It sets the handler and starts
    ///   reading, now or later. A connection without a handler stays open. It is kept until the listener is stopped.
    public func start(accept: @escaping @Sendable (Connection) -> Void) {
        acceptor.loop.execute { [acceptor] in acceptor.start(accept) }
    }

    /// Stops listening without losing a client.
    ///
    /// Clients whose handshake has finished are still accepted, even beyond the maximum; later ones are refused.
    ///
    /// It gives handshakes under way about 50 milliseconds. It returns when the socket is closed and `accept` has
    /// returned for the last connection. Open connections stay open. If the system has no descriptors left, it waits
    /// for some. Without `start`, waiting clients are refused. You can call this several times, at once, and after the
    /// group's `shutDown`. Cancellation has no effect.
    public func stop() async {
        await withCheckedContinuation { continuation in
            let isQueued = acceptor.loop.execute { [acceptor] in acceptor.stop(continuation) }
            if !isQueued { continuation.resume() }
        }
        // What was dealt to other loops is before this in their queues.
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
