import EventLoops
import HTTPServing
import Synchronization
import WippyDefinition
import WippyLog
import WippyRuntime

/// The server of an `http.service`.
///
/// It listens while its service runs.
final class HTTPService: HTTPServerComponent, ManagedService {
    let responder: RouteDispatcher
    private let loops: EventLoopGroup
    private let observer: ServerObserver
    private let log: Log
    private let state: Mutex<State>

    private struct State {
        var settings: HTTPServerSettings
        /// The server of the current attempt.
        var server: HTTPServer?
        var listeningAddress: SocketAddress?
    }

    var listeningAddress: SocketAddress? { state.withLock { $0.listeningAddress } }

    var details: LogMetadata { listeningAddress.map { ["address": "\($0)"] } ?? [:] }

    init(
        config: HTTPServiceKind.Config, responder: RouteDispatcher, loops: EventLoopGroup, context: BuildContext
    ) {
        self.responder = responder
        self.loops = loops
        log = context.log
        observer = ServerObserver(context: context)
        state = Mutex(State(settings: config.server))
        observer.logAccess(config.logsAccess)
    }

    /// Changes to another config with the same address.
    ///
    /// The service may be running or not.
    func change(to config: HTTPServiceKind.Config) {
        observer.logAccess(config.logsAccess)
        state.withLock { state in
            state.settings = config.server
            // The fields have the ranges of the settings, so the server cannot refuse them.
            try? state.server?.update(config.server)
        }
    }

    func run(ready: @escaping @Sendable () -> Void, stop: StopSignal) async throws {
        let server = try state.withLock { state in
            let server = try HTTPServer(state.settings, responder: responder, observer: observer)
            state.server = server
            return server
        }
        defer {
            state.withLock { state in
                if state.server === server { (state.server, state.listeningAddress) = (nil, nil) }
            }
        }
        let address: SocketAddress
        do {
            address = try await server.start(on: loops)
        } catch let error as SocketError {
            throw ServiceFailure("\(error)", isPermanent: error.isPermanent)
        }
        state.withLock { if $0.server === server { $0.listeningAddress = address } }
        log.info("listening", ["address": "\(address)"])
        ready()
        await stop.wait()
        await server.stop()
        responder.finish()
    }
}

extension SocketError {
    /// True if another attempt to listen would fail with the same error until a user solves the problem.
    ///
    /// Only two errors may pass by themselves: the system is out of resources, or a name is not known yet.
    fileprivate var isPermanent: Bool { code != .outOfResources && code != .unknownHost }
}

/// Counts a server's connections and answers, and logs the answers.
///
/// It is a class, so a request calls it without a copy.
private final class ServerObserver: HTTPServerObserver {
    private let connections: Counter
    private let requests: Counter
    private let errors: Counter
    private let durations: MetricTimer
    private let log: Log
    /// True if each answer is logged at the level `info`; otherwise the level is `debug`.
    private let logsAccess = Atomic(false)
    private let clock: any RuntimeClock
    private let pauses = Mutex(LineAllowance(lines: 1, per: .seconds(10)))

    init(context: BuildContext) {
        let metrics = context.environment.metrics
        connections = metrics.counter(ServerMetrics.connections, of: context.id)
        requests = metrics.counter(ServerMetrics.requests, of: context.id)
        errors = metrics.counter(ServerMetrics.errors, of: context.id)
        durations = metrics.timer(ServerMetrics.duration, of: context.id)
        log = context.log
        clock = context.environment.clock
    }

    /// Sets the level at which each answer is logged.
    func logAccess(_ isWanted: Bool) { logsAccess.store(isWanted, ordering: .relaxed) }

    func connectionOpened() { connections.add() }

    /// Logs a pause of the listener, at most once in ten seconds.
    func acceptingPaused(_ reason: SocketError) {
        guard pauses.withLock({ $0.take(at: clock.now) }) != nil else { return }
        log.warning("accepting connections is paused", ["reason": "\(reason)"])
    }

    func answered(_ request: HTTPRequest?, _ record: HTTPAccessRecord) {
        requests.add()
        if record.status.code >= 500 { errors.add() }
        durations.record(record.duration)
        log.log(
            logsAccess.load(ordering: .relaxed) ? .info : .debug, "answered",
            [
                "method": "\(request?.head.method.rawValue ?? "-")", "path": "\(request?.head.path ?? "-")",
                "status": LogValue(record.status.code), "bytes": LogValue(record.contentBytes),
                "duration": "\(record.duration.readable)", "request_id": "\(request?.id ?? "-")",
            ])
    }
}
