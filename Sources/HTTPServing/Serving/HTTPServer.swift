public import EventLoops
import Synchronization

/// An HTTP/1.1 server (RFC 9110 and RFC 9112) on event loops.
///
/// Each connection has one task, whose executor is the connection's loop: it reads a request, has the responder answer
/// it, writes the answer, and goes on with the next. Requests of one connection are answered one after another, also
/// if the client sends several at once.
///
/// A server is started once and stopped once.
public final class HTTPServer: Sendable {
    private let context: ServerContext
    private let state = Mutex(State.idle)

    private enum State {
        case idle
        case starting
        case running(Listener, [ServingLoop])
        case stopped
    }

    /// A server that does nothing yet.
    ///
    /// - Parameter observer: Who hears of connections and requests; nobody, and at no cost, unless given.
    public init(
        _ settings: HTTPServerSettings, responder: any HTTPResponder, observer: (any HTTPServerObserver)? = nil
    ) {
        context = ServerContext(settings, responder, observer)
    }

    /// How many connections are open.
    public var openConnections: Int {
        state.withLock { state in
            guard case .running(let listener, _) = state else { return 0 }
            return listener.openConnections
        }
    }

    /// Listens and begins to serve.
    ///
    /// - Parameter group: The loops that connections are dealt to in turn. They must go on until `stop()` has returned.
    /// - Returns: Where it listens; for port 0, with the port that the system chose.
    /// - Throws: What keeps it from listening, with what to do; or that it was started before.
    @discardableResult
    public func start(on group: EventLoopGroup) async throws -> SocketAddress {
        try state.withLock { state in
            guard case .idle = state else { throw HTTPServerError.alreadyStarted }
            state = .starting
        }
        let settings = context.settings
        do {
            let listener = try await Listener(
                on: settings.address, group: group, maximumConnections: settings.connectionsMax,
                onPause: { [observer = context.observer] in observer?.acceptingPaused($0) })
            let loops = group.loops.map { ServingLoop($0, context) }
            let isRunning = state.withLock { state in
                guard case .starting = state else { return false }
                state = .running(listener, loops)
                return true
            }
            guard isRunning else {
                await listener.stop()
                throw HTTPServerError.stopped
            }
            listener.start { connection in loops[connection.loop.index].accept(connection) }
            return listener.localAddress
        } catch {
            state.withLock { if case .starting = $0 { $0 = .idle } }
            throw error
        }
    }

    /// Ends gracefully.
    ///
    /// Nobody new is accepted. Every request of which a byte has been read is answered, the last one of a connection
    /// with `Connection: close`; idle connections are read for another 100 milliseconds and then closed. No connection
    /// is reset. Returns when all are closed and their responders have returned.
    ///
    /// If the calling task is cancelled, whoever is owed an answer gets 503, connections that are left are closed at
    /// once, their responders are cancelled, and this returns without waiting for them. Legal twice and before `start`.
    public func stop() async {
        let running = state.withLock { state -> (Listener, [ServingLoop])? in
            defer { state = .stopped }
            guard case .running(let listener, let loops) = state else { return nil }
            return (listener, loops)
        }
        guard let (listener, loops) = running else { return await context.allEnded() }
        await withTaskCancellationHandler {
            // First, so that idle connections leave their descriptors to who waits to be accepted.
            for loop in loops { loop.loop.execute { loop.stop() } }
            await listener.stop()
            await context.allEnded()
        } onCancel: {
            for loop in loops { loop.loop.execute { loop.abort() } }
        }
    }
}

/// Why a server cannot be started.
public enum HTTPServerError: Error, Sendable, Hashable, CustomStringConvertible {
    /// It was started before.
    case alreadyStarted
    /// It was stopped while it started.
    case stopped

    /// A sentence for the log.
    public var description: String {
        switch self {
        case .alreadyStarted: "the server was started before"
        case .stopped: "the server was stopped while it started"
        }
    }
}
