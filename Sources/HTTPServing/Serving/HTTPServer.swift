public import EventLoops
import Synchronization
import WippyThreads

/// An HTTP/1.1 server (RFC 9110 and RFC 9112) on event loops.
///
/// It answers the requests of a connection one after the other, in order. A server that has stopped cannot start again.
public final class HTTPServer: Sendable {
    private let context: ServerContext
    private let state: Mutex<State>
    /// Counts the starts and stops that are under way, which may hold the port.
    private let portHolders = WaitGroup()

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

    /// Creates a server, which does not listen before ``start(on:)``.
    ///
    /// - Throws: ``HTTPServerError/outOfRange(_:)`` if a value of the settings is out of its range.
    public init(
        _ settings: HTTPServerSettings, responder: any HTTPResponder, observer: (any HTTPServerObserver)? = nil
    ) throws(HTTPServerError) {
        try settings.validate()
        context = ServerContext(responder, observer)
        state = Mutex(State(settings: settings))
    }

    /// The number of open connections; 0 before the server listens, and from the call of ``stop()`` on.
    public var openConnections: Int {
        state.withLock { state in
            guard case .running(let listener, _) = state.stage else { return 0 }
            return listener.openConnections
        }
    }

    /// Listens and begins to serve.
    ///
    /// - Parameter group: the loops, which get the connections in turn. They must run until ``stop()`` has returned.
    /// - Returns: the address on which the server listens. For port 0, it has the port that the system chose.
    /// - Throws: `SocketError` when the server cannot listen on the address, `HTTPServerError` when it has been started
    ///   or stopped.
    @discardableResult
    public func start(on group: EventLoopGroup) async throws -> SocketAddress {
        let settings = try state.withLock { state in
            guard case .idle = state.stage else { throw HTTPServerError.alreadyStarted }
            state.stage = .starting
            portHolders.enter()
            return state.settings
        }
        defer { portHolders.leave() }
        do {
            let listener = try await Listener(
                on: settings.address, group: group, maxConnections: settings.maxConnections,
                onPause: { [observer = context.observer] in observer?.acceptingPaused($0) })
            let running = state.withLock { state -> [ServingLoop]? in
                guard case .starting = state.stage else { return nil }
                let loops = group.loops.map { ServingLoop($0, context, state.settings) }
                listener.setMaxConnections(state.settings.maxConnections)
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

    /// Changes the settings, except the address.
    ///
    /// You can call it at any time and from any thread. It has no effect after ``stop()``.
    ///
    /// Connections stay open, even if there are more than ``HTTPServerSettings/maxConnections``. A request that has
    /// begun keeps its size limits, and a running deadline does not move.
    ///
    /// - Throws: ``HTTPServerError/outOfRange(_:)`` if a value of the settings is out of its range. Then nothing
    ///   changes.
    public func update(_ settings: HTTPServerSettings) throws(HTTPServerError) {
        try settings.validate()
        state.withLock { state in
            let address = state.settings.address
            state.settings = settings
            state.settings.address = address
            guard case .running(let listener, let loops) = state.stage else { return }
            // This happens under the lock, so that all loops end with the same settings if several callers come.
            for loop in loops { loop.loop.execute { loop.change(to: settings) } }
            listener.setMaxConnections(settings.maxConnections)
        }
    }

    /// Stops gracefully: the server answers the requests whose first byte has been read, and closes its connections.
    ///
    /// The call returns when all connections are closed and their responders have returned. The server sets no limit to
    /// that time. If the task of the first call is cancelled, all connections close at once, responders are cancelled,
    /// and the call returns without waiting for them. A client that has no answer yet may get the answer to
    /// ``HTTPServingError/stopping``.
    ///
    /// You can call `stop()` more than once, and before ``start(on:)``. A further call, and a call while the server
    /// starts, only waits until the port is free, all connections are closed, and their responders have returned. It
    /// returns early if its own task is cancelled.
    public func stop() async {
        let running = state.withLock { state -> (Listener, [ServingLoop])? in
            defer { state.stage = .stopped }
            guard case .running(let listener, let loops) = state.stage else { return nil }
            portHolders.enter()
            return (listener, loops)
        }
        guard let (listener, loops) = running else {
            await portHolders.wait()
            return await context.allEnded()
        }
        await withTaskCancellationHandler {
            // Loops stop first, so that idle connections free their descriptors for the clients that wait to be
            // accepted.
            for loop in loops { loop.loop.execute { loop.stop() } }
            await listener.stop()
            portHolders.leave()
            await context.allEnded()
        } onCancel: {
            for loop in loops { loop.loop.execute { loop.abort() } }
        }
    }
}

/// An error of a server's settings, or of its start.
public enum HTTPServerError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The server was started or stopped before.
    ///
    /// A start that failed because the server could not listen does not count.
    case alreadyStarted
    /// The server was stopped while it started.
    case stopped
    /// A value of the settings is out of its range. The text is a sentence that names the value and the range.
    case outOfRange(String)

    /// The error as a sentence for the log.
    public var description: String {
        switch self {
        case .alreadyStarted: "the server has already been started"
        case .stopped: "the server was stopped while it was starting"
        case .outOfRange(let sentence): sentence
        }
    }
}
