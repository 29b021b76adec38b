import EventLoops

/// The state that the connections of one loop share.
///
/// `@unchecked Sendable`: after `init` only its loop uses it.
final class ServingLoop: @unchecked Sendable {
    let loop: EventLoop
    let server: ServerContext
    /// The timeouts of everything that begins from now on.
    private(set) var timeouts: HTTPServerSettings.Timeouts
    /// The limits of new connections.
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

    /// Changes to other settings.
    ///
    /// A running deadline does not move, and a request that has begun keeps its limits.
    func change(to settings: HTTPServerSettings) {
        timeouts = settings.timeouts
        guard limits != settings.limits else { return }
        limits = settings.limits
        for connection in connections.values { connection.intake.limit(to: limits) }
    }

    /// The `Date` line for the current second.
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

    /// Makes every connection end after the requests whose first byte has been read.
    func stop() {
        isStopping = true
        for connection in connections.values { connection.stop() }
    }

    /// Closes every connection.
    ///
    /// A connection that is accepted later is closed at once.
    func abort() {
        isAborted = true
        for connection in connections.values { connection.abort() }
    }
}
