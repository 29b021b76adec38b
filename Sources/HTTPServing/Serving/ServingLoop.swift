import EventLoops

/// What the connections of one loop share.
///
/// `@unchecked Sendable`: after `init` it is touched on its loop only.
final class ServingLoop: @unchecked Sendable {
    let loop: EventLoop
    let server: ServerContext
    /// How long what begins from now on may take.
    private(set) var timeouts: HTTPServerSettings.Timeouts
    /// How much a client may send that a connection begins with.
    private(set) var limits: RequestLimits
    private var connections: [ObjectIdentifier: HTTPConnection] = [:]
    private var date = HTTPDate()
    private var accepted = 0
    private var isStopping = false
    private var isAborted = false

    init(_ loop: EventLoop, _ server: ServerContext, _ settings: HTTPServerSettings) {
        self.loop = loop
        self.server = server
        timeouts = settings.timeouts
        limits = settings.limits
    }

    /// Takes other settings: deadlines that run stay, and a request that has begun keeps its limits.
    func take(_ settings: HTTPServerSettings) {
        timeouts = settings.timeouts
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
