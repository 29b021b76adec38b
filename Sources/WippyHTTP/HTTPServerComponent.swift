import EventLoops
import HTTPServing
import Synchronization
import WippyDefinition
import WippyLog
import WippyRuntime

/// The server behind an `http.service`: listens while its service runs.
final class HTTPServerComponent: ManagedService {
    private let config: HTTPServiceKind.Config
    private let responder: RouteDispatcher
    private let errors: ErrorAnswers
    private let loops: EventLoopGroup
    private let observer: ServerObserver
    private let log: Log
    private let clock: any RuntimeClock
    private let lastPause = Mutex<Duration?>(nil)

    init(
        config: HTTPServiceKind.Config, responder: RouteDispatcher, errors: ErrorAnswers, loops: EventLoopGroup,
        context: BuildContext
    ) {
        self.config = config
        self.responder = responder
        self.errors = errors
        self.loops = loops
        log = context.log
        clock = context.environment.clock
        observer = ServerObserver(
            metrics: context.environment.metrics, entry: context.id,
            accessLog: config.logsAccess || context.environment.logsAccess ? context.log : nil)
    }

    func run(ready: @escaping @Sendable () -> Void, stop: StopSignal) async throws {
        let server = HTTPServer(configuration: try configuration(), handler: responder)
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
        errors.finish()
    }

    private func configuration() throws -> HTTPServerConfiguration {
        let address: SocketAddress
        do {
            address = try SocketAddress(parsing: config.address.written)
        } catch {
            throw ServiceFailure("\(error)", isPermanent: true)
        }
        var configuration = HTTPServerConfiguration(address: address)
        configuration.timeouts.header = config.timeouts.header
        configuration.timeouts.body = config.timeouts.body
        configuration.timeouts.idle = config.timeouts.idle
        configuration.timeouts.handler = RouteLimits.defaultHandlerTimeout
        configuration.limits.headerBytes = config.limits.headerBytes.bytes
        configuration.limits.headerFields = config.limits.headerFields
        configuration.limits.body = config.limits.body.bytes
        configuration.limits.connections = config.limits.connections
        configuration.observer = observer
        configuration.answerError = { [responder] in responder.answer(to: $0, $1) }
        configuration.onAcceptFailure = { [self] in logPause($0) }
        return configuration
    }

    /// Says that accepting pauses, at most once in ten seconds however often it does.
    private func logPause(_ reason: SocketError) {
        let now = clock.now
        let isDue = lastPause.withLock { last in
            if let last, now - last < .seconds(10) { return false }
            last = now
            return true
        }
        if isDue { log.warning("accepting pauses", ["reason": "\(reason)"]) }
    }
}

extension SocketError {
    /// Whether another attempt to listen must fail, too, unless somebody changes something: always, unless the system
    /// is short of something, or a name is not known yet.
    fileprivate var isPermanent: Bool { code != .outOfResources && code != .unknownHost }
}

extension Contract where Offered == HTTPServerComponent {
    static var httpServer: Self { Contract("an HTTP server") }
}

/// Counts what a server does, and logs its answers where that is asked for.
///
/// A class, so that a request tells it without a copy.
private final class ServerObserver: HTTPServerObserver {
    private let connections: Counter
    private let requests: Counter
    private let errors: Counter
    private let durations: MetricTimer
    private let accessLog: Log?

    init(metrics: Metrics, entry: EntryID, accessLog: Log?) {
        connections = metrics.counter("http.connections", of: entry)
        requests = metrics.counter("http.requests", of: entry)
        errors = metrics.counter("http.errors", of: entry)
        durations = metrics.timer("http.duration", of: entry)
        self.accessLog = accessLog
    }

    func connectionOpened() { connections.add() }

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
