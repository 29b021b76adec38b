import EventLoops
import WippyThreads

/// What all connections of a server share.
final class ServerContext: Sendable {
    let responder: any HTTPResponder
    let observer: (any HTTPServerObserver)?
    /// The first part of all request ids.
    let idPrefix: String

    private let connections = WaitGroup()

    init(_ responder: any HTTPResponder, _ observer: (any HTTPServerObserver)?) {
        self.responder = responder
        self.observer = observer
        idPrefix = String(UInt32.random(in: 0x1000_0000 ... .max), radix: 16)
    }

    func connectionBegan() {
        connections.enter()
        observer?.connectionOpened()
    }

    /// The connection is closed and its task has ended.
    func connectionEnded() {
        observer?.connectionClosed()
        connections.leave()
    }

    /// Returns when no connection is left, or the calling task is cancelled.
    func allEnded() async {
        await connections.wait()
    }
}

/// What the connections of one loop share.
///
/// `@unchecked Sendable`: after `init` it is touched on its loop only.
final class ServingLoop: @unchecked Sendable {
    let loop: EventLoop
    let server: ServerContext
    /// How long what begins from now on may take.
    private(set) var timeouts: Milliseconds
    /// How much a client may send that a connection begins with.
    private(set) var limits: RequestLimits
    private var connections: [ObjectIdentifier: HTTPConnection] = [:]
    private var date = HTTPDate()
    private var accepted = 0
    private var isStopping = false
    private var isAborted = false

    /// The timeouts in milliseconds, as the loops count them.
    struct Milliseconds {
        let header: UInt64
        let body: UInt64
        let idle: UInt64
        let responder: UInt64?
        /// How long an idle connection is still read at a stop.
        let grace: UInt64 = 100
        /// How long the client may take to end once the last answer is out, or since it last sent something; in all no
        /// longer than for a body.
        let linger: UInt64 = 1000
        /// How long a responder goes on for a client that has closed its sending direction.
        let gone: UInt64 = 1000

        init(_ timeouts: HTTPServerSettings.Timeouts) {
            header = timeouts.header.milliseconds
            body = timeouts.body.milliseconds
            idle = timeouts.idle.milliseconds
            responder = timeouts.responder?.milliseconds
        }
    }

    init(_ loop: EventLoop, _ server: ServerContext, _ settings: HTTPServerSettings) {
        self.loop = loop
        self.server = server
        timeouts = Milliseconds(settings.timeouts)
        limits = settings.limits
    }

    /// Takes other settings: deadlines that run stay, and a request that has begun keeps its limits.
    func take(_ settings: HTTPServerSettings) {
        timeouts = Milliseconds(settings.timeouts)
        guard limits != settings.limits else { return }
        limits = settings.limits
        for connection in connections.values { connection.intake.limit(to: limits) }
    }

    /// The `Date` line for now.
    var dateLine: [UInt8] {
        date.refresh()
        return date.line
    }

    func accept(_ accepted: Connection) {
        guard !isAborted else { return accepted.close() }
        self.accepted += 1
        let id = "\(server.idPrefix)-\(loop.index)-\(self.accepted)"
        let connection = HTTPConnection(accepted, on: self, id: id)
        connections[ObjectIdentifier(connection)] = connection
        server.connectionBegan()
        connection.start(isStopping: isStopping)
    }

    func remove(_ connection: HTTPConnection) {
        connections[ObjectIdentifier(connection)] = nil
    }

    /// Has every connection end after what was read a first byte of.
    func stop() {
        isStopping = true
        for connection in connections.values { connection.stop() }
    }

    /// Closes every connection, and each that is still accepted.
    func abort() {
        isAborted = true
        for connection in connections.values { connection.abort() }
    }
}
