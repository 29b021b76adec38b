import EventLoops
import HTTPServing
import Synchronization
import WippyDefinition
import WippyLog
import WippyRuntime

/// The server behind an `http.service`: listens while its service runs.
final class HTTPService: HTTPServerComponent, ManagedService {
    private let settings: HTTPServerSettings
    let responder: RouteDispatcher
    private let loops: EventLoopGroup
    private let observer: ServerObserver
    private let log: Log

    init(
        config: HTTPServiceKind.Config, responder: RouteDispatcher, loops: EventLoopGroup, context: BuildContext
    ) {
        settings = config.server
        self.responder = responder
        self.loops = loops
        log = context.log
        observer = ServerObserver(context: context, logsAccess: config.logsAccess || context.environment.logsAccess)
    }

    func run(ready: @escaping @Sendable () -> Void, stop: StopSignal) async throws {
        let server = HTTPServer(settings, responder: responder, observer: observer)
        let address: SocketAddress
        do {
            address = try await server.start(on: loops)
        } catch let error as SocketError {
            throw ServiceFailure("\(error)", isPermanent: error.isPermanent)
        }
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
    private let accessLog: Log?
    private let clock: any RuntimeClock
    private let lastPause = Mutex<Duration?>(nil)

    init(context: BuildContext, logsAccess: Bool) {
        let metrics = context.environment.metrics
        connections = metrics.counter("http.connections", of: context.id)
        requests = metrics.counter("http.requests", of: context.id)
        errors = metrics.counter("http.errors", of: context.id)
        durations = metrics.timer("http.duration", of: context.id)
        log = context.log
        accessLog = logsAccess ? log : nil
        clock = context.environment.clock
    }

    func connectionOpened() { connections.add() }

    /// Says so at most once in ten seconds, however often it does.
    func acceptingPaused(_ reason: SocketError) {
        let now = clock.now
        let isDue = lastPause.withLock { last in
            if let last, now - last < .seconds(10) { return false }
            last = now
            return true
        }
        if isDue { log.warning("accepting pauses", ["reason": "\(reason)"]) }
    }

    func answered(_ request: HTTPRequest?, _ record: HTTPAccessRecord) {
        requests.add()
        if record.status.code >= 500 { errors.add() }
        durations.record(record.duration)
        guard let accessLog else { return }
        let head = request?.head
        accessLog.info(
            "answered",
            [
                "method": "\(head?.method.rawValue ?? "-")", "path": "\(head?.path ?? "-")",
                "status": LogValue(record.status.code), "bytes": LogValue(record.contentBytes),
                "duration": "\(record.duration.readable)", "request_id": "\(request?.id ?? "-")",
            ])
    }
}
