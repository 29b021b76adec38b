public import EventLoops
import Synchronization

/// An HTTP/1.1 server (RFC 9110 and RFC 9112) on event loops.
///
/// Each connection has one task, whose executor is the connection's loop: it reads a request, has the responder answer
/// it, writes the answer, and goes on with the next. Requests of one connection are answered one after another, also
/// if the client sends several at once.
///
/// A server is started once and stopped once. While it serves it can take other settings.
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

    /// A server that does nothing yet.
    ///
    /// - Parameter observer: Hears of connections and requests. Defaults to none, which costs nothing.
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
    /// - Parameter group: The loops that connections are dealt to in turn. They must go on until `stop()` has returned.
    /// - Returns: Where it listens; for port 0, with the port that the system chose.
    /// - Throws: What keeps it from listening, with what to do; or that it was started before.
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

    /// Takes other settings, all but the address, from the next turn of each loop on; returns at once.
    ///
    /// Connections stay open. A request of which a byte has been read keeps its limits, and a deadline that runs stays
    /// as it is: what comes after has the new ones. Fewer ``HTTPServerSettings/connectionsMax`` than are open close
    /// nobody: accepting pauses until there is room. Legal at any time; without effect once ``stop()`` was called.
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
        case .alreadyStarted: "the server was started before"
        case .stopped: "the server was stopped while it started"
        }
    }
}
