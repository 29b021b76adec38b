import EventLoops

/// What a handler was told, in a form that tests compare.
enum Told: Sendable, Equatable {
    case received([UInt8])
    case end
    case drained(unwritten: Int)
    case closed(SocketError.Code?)
}

/// Reports everything it is told, and then does what the test wants done.
final class ReportingHandler: ConnectionHandler {
    let connection: Connection
    let events: Events<Told>
    private let react: (Connection, Told) -> Void

    init(_ connection: Connection, _ events: Events<Told>, react: @escaping (Connection, Told) -> Void = { _, _ in }) {
        self.connection = connection
        self.events = events
        self.react = react
    }

    func received(_ bytes: Span<UInt8>) { tell(.received(Array(bytes))) }
    func receivedEnd() { tell(.end) }
    func drained() { tell(.drained(unwritten: connection.unwrittenBytes)) }
    func closed(_ error: SocketError?) { tell(.closed(error?.code)) }

    private func tell(_ told: Told) {
        events.append(told)
        react(connection, told)
    }
}

/// Sends back what it receives, and reads no further while the peer does not.
final class EchoHandler: ConnectionHandler {
    private let connection: Connection

    init(_ connection: Connection) { self.connection = connection }

    func received(_ bytes: Span<UInt8>) {
        connection.write(Array(bytes))
        if connection.unwrittenBytes > Connection.waterMark { connection.stopReading() }
    }

    func receivedEnd() { connection.finishWriting() }
    func drained() { connection.startReading() }
    func closed(_ error: SocketError?) {}

    static func serve(_ connection: Connection) {
        connection.handler = EchoHandler(connection)
        connection.startReading()
    }
}

extension Array where Element == UInt8 {
    init(_ bytes: Span<UInt8>) {
        self = bytes.withUnsafeBufferPointer { Array($0) }
    }
}

extension [Told] {
    /// All that was received, in one.
    var received: [UInt8] {
        flatMap { told -> [UInt8] in
            if case .received(let bytes) = told { bytes } else { [] }
        }
    }
}

/// Runs `body` beside loops and a listener that are gone when it returns.
@discardableResult
func withServer<Value>(
    loops: Int = 2, maxConnections: Int? = nil, accept: @escaping @Sendable (Connection) -> Void,
    during body: (Listener, EventLoopGroup) async throws -> Value
) async throws -> Value {
    try await withLoops(loops) { group in
        let listener = try await Listener(
            on: .loopback(), group: group, maxConnections: maxConnections)
        listener.start(accept: accept)
        return try await body(listener, group)
    }
}

@discardableResult
func withLoops<Value>(_ count: Int, _ body: (EventLoopGroup) async throws -> Value) async throws -> Value {
    let group = try EventLoopGroup(count: count)
    do {
        let value = try await body(group)
        await group.shutDown()
        return value
    } catch {
        await group.shutDown()
        throw error
    }
}

/// Bytes in which a piece that is missing, doubled or displaced shows.
func pattern(_ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
}
