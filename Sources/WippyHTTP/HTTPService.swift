import EventLoops
import HTTPServing
import Synchronization
import WippyDefinition
import WippyLog
import WippyRuntime

/// The server behind an `http.service`: listens while its service runs.
final class HTTPService: HTTPServerComponent, ManagedService {
    let responder: RouteDispatcher
    private let loops: EventLoopGroup
    private let observer: ServerObserver
    private let log: Log
    private let state: Mutex<State>

    private struct State {
        var settings: HTTPServerSettings
        /// The server of the attempt that runs.
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

    /// Takes another configuration of the same address, whether it runs or not.
    func take(_ config: HTTPServiceKind.Config) {
        observer.logAccess(config.logsAccess)
        state.withLock { state in
            state.settings = config.server
            state.server?.update(config.server)
        }
    }

    func run(ready: @escaping @Sendable () -> Void, stop: StopSignal) async throws {
        let server = state.withLock { state in
            let server = HTTPServer(state.settings, responder: responder, observer: observer)
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
    /// Whether another attempt to listen must fail, too, unless somebody changes something: always, unless the system
    /// is short of something, or a name is not known yet.
    fileprivate var isPermanent: Bool { code != .outOfResources && code != .unknownHost }
}

/// Counts what a server does, and logs its answers where that is asked for.
///
/// A class, so that a request tells it without a copy.
private final class ServerObserver: HTTPServerObserver {
    private let connections: Counter
    private let requests: Counter
    private let errors: Counter
    private let durations: MetricTimer
    private let log: Log
    /// Whether each answer matters enough to be logged without being asked for.
    private let logsAccess = Atomic(false)
    private let clock: any RuntimeClock
    private let pauses = Mutex(LineAllowance(lines: 1, per: .seconds(10)))

    init(context: BuildContext) {
        let metrics = context.environment.metrics
        connections = metrics.counter("http.connections", of: context.id)
        requests = metrics.counter("http.requests", of: context.id)
        errors = metrics.counter("http.errors", of: context.id)
        durations = metrics.timer("http.duration", of: context.id)
        log = context.log
        clock = context.environment.clock
    }

    /// Begins, or ends, to log each answer whatever the log's level.
    func logAccess(_ isWanted: Bool) { logsAccess.store(isWanted, ordering: .relaxed) }

    func connectionOpened() { connections.add() }

    /// Says so at most once in ten seconds, however often it does.
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
