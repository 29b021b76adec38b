import Synchronization

/// One listening TCP socket, whose connections are dealt to the loops of a group in turn.
///
/// It listens from the beginning, so that a port that is taken shows at once; clients that connect before `start` wait
/// in the kernel's queue. A listener that is not stopped goes on until its group is shut down.
public final class Listener: Sendable {
    /// Where it listens; for port 0, with the port that the system chose.
    public let localAddress: SocketAddress

    private let acceptor: Acceptor
    private let group: EventLoopGroup

    /// Opens the socket and listens.
    ///
    /// - Parameters:
    ///   - address: Where to listen. A name is looked up and must belong to this machine.
    ///   - group: The loops that get the connections.
    ///   - maximumConnections: How many may be open at once, at least 1; past it accepting pauses until one closes, and
    ///     clients wait in the kernel's queue. Defaults to no limit.
    ///   - backlog: How many finished handshakes the kernel keeps for us, 1 to 65,535; the system's own limit
    ///     (`net.core.somaxconn`) may be lower. Past it the kernel lets clients try again.
    ///   - onPause: Called on a loop each time that the system refuses another connection, for lack of descriptors or
    ///     memory in the main. Accepting goes on by itself, after 100 milliseconds or when a connection closes. Must
    ///     not block.
    /// - Throws: What keeps it from listening, with what to do.
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

    /// Changes how many connections may be open at once, at least 1, from the next turn of the loop that accepts on.
    ///
    /// Fewer than are open close nobody: accepting pauses until there is room.
    public func setMaximumConnections(_ maximum: Int) {
        acceptor.loop.execute { [acceptor] in acceptor.setMaximumConnections(max(maximum, 1)) }
    }

    /// How often accepting has paused, for whatever reason.
    public var pauses: Int { acceptor.pauses.load(ordering: .relaxed) }

    /// Begins to accept.
    ///
    /// Call it once; later calls have no effect.
    ///
    /// - Parameter accept: Called for each connection on that connection's own loop. It sets the handler and starts
    ///   reading, now or later; a connection that is left alone stays open. Kept until the listener is stopped.
    public func start(accept: @escaping @Sendable (Connection) -> Void) {
        acceptor.loop.execute { [acceptor] in acceptor.start(accept) }
    }

    /// Stops listening without losing anybody: whose handshake the kernel has finished is still accepted, past the
    /// maximum if need be; whoever comes later is refused.
    ///
    /// Returns, after some 50 milliseconds that handshakes under way get, when the socket is closed and `accept` has
    /// returned for the last connection. Open connections stay open. While the system has no descriptors left it waits
    /// for some. Without `start`, clients that wait are refused. Legal twice, at once, and after the group's
    /// `shutDown`. Cancellation has no effect.
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
