public import EventLoops
import Synchronization

/// An HTTP/1.1 server (RFC 9110 and RFC 9112) on event loops.
///
/// Each connection has one task, on the connection's loop. The task reads a request, calls the responder, writes the
/// answer, and repeats. Requests of one connection are answered in order, even if the client sends several at once.
///
/// You start a server once and stop it once. While it serves, you can change its settings.
public final class HTTPServer: Sendable {
    private let context: ServerContext
    private let state: Mutex<State>

    private struct State {
        var settings: HTTPServerSettings
        var stage = Stage.idle
    }

    private enum Stage {
        case idle
        case starting
        case running(Listener, [ServingLoop])
        case stopped
    }

    /// Creates a server, which does nothing yet.
    ///
    /// - Parameters:
    ///   - settings: where it listens, and its limits.
    ///   - responder: answers the requests.
    ///   - observer: is told of connections and requests; none by default, which costs nothing.
    public init(
        _ settings: HTTPServerSettings, responder: any HTTPResponder, observer: (any HTTPServerObserver)? = nil
    ) {
        context = ServerContext(responder, observer)
        state = Mutex(State(settings: settings))
    }

    /// How many connections are open.
    public var openConnections: Int {
        state.withLock { state in
            guard case .running(let listener, _) = state.stage else { return 0 }
            return listener.openConnections
        }
    }

    /// Listens and begins to serve.
    ///
    /// - Parameter group: the loops, which get the connections in turn. They must run until `stop()` has returned.
    /// - Returns: the address on which it listens. For port 0 it has the port that the system chose.
    /// - Throws: the reason why it cannot listen, and what to do; or that it was started before.
    @discardableResult
    public func start(on group: EventLoopGroup) async throws -> SocketAddress {
        let settings = try state.withLock { state in
            guard case .idle = state.stage else { throw HTTPServerError.alreadyStarted }
            state.stage = .starting
            return state.settings
        }
        do {
            let listener = try await Listener(
                on: settings.address, group: group, maximumConnections: settings.connectionsMax,
                onPause: { [observer = context.observer] in observer?.acceptingPaused($0) })
            let running = state.withLock { state -> [ServingLoop]? in
                guard case .starting = state.stage else { return nil }
                let loops = group.loops.map { ServingLoop($0, context, state.settings) }
                listener.setMaximumConnections(state.settings.connectionsMax)
                state.stage = .running(listener, loops)
                return loops
            }
            guard let loops = running else {
                await listener.stop()
                throw HTTPServerError.stopped
            }
            listener.start { connection in loops[connection.loop.index].accept(connection) }
            return listener.localAddress
        } catch {
            state.withLock { if case .starting = $0.stage { $0.stage = .idle } }
            throw error
        }
    }

    /// Changes the settings, except the address, from the next turn of each loop on.
    ///
    /// Returns at once.
    ///
    /// Connections stay open. A request whose first byte has been read keeps its limits, and a running deadline stays
    /// as it is. If ``HTTPServerSettings/connectionsMax`` falls below the number of open connections, none is closed;
    /// accepting pauses until there is room. You can call this at any time. It has no effect after ``stop()``.
    public func update(_ settings: HTTPServerSettings) {
        state.withLock { state in
            let address = state.settings.address
            state.settings = settings
            state.settings.address = address
            guard case .running(let listener, let loops) = state.stage else { return }
            // Under the lock, so that every loop ends with the same ones, whoever calls.
            for loop in loops { loop.loop.execute { loop.take(settings) } }
            listener.setMaximumConnections(settings.connectionsMax)
        }
    }

    /// Stops gracefully.
    ///
    /// The server accepts no new connections. It answers every request whose first byte has been read, and the last
    /// answer of a connection says `Connection: close`. It reads idle connections for another 100 milliseconds and then
    /// closes them. No connection is reset. The call returns when all connections are closed and their responders have
    /// returned.
    ///
    /// If the calling task is cancelled, requests without an answer get 503, all connections close at once, responders
    /// are cancelled, and the call returns without waiting for them. You can call this twice, and before `start`.
    public func stop() async {
        let running = state.withLock { state -> (Listener, [ServingLoop])? in
            defer { state.stage = .stopped }
            guard case .running(let listener, let loops) = state.stage else { return nil }
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
        case .alreadyStarted: "the server has already been started"
        case .stopped: "the server was stopped while it was starting"
        }
    }
}
