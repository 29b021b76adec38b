import EventLoops
import HTTPServing
import Synchronization

/// A connection to a server, for one request and its answer.
///
/// Any task may use it, but only one task at a time may wait for the answer. The exchange holds up to 64 KiB of the
/// answer. The rest waits at the server.
final class OutgoingExchange: ConnectionHandler, Sendable {
    private struct State {
        var connection: Connection?
        var arrived: [UInt8] = []
        /// The end of the answer; nil while more bytes may come.
        var end: Result<Void, any Error>?
        var isClosed = false
        var waiting: CheckedContinuation<Void, Never>?
    }

    private let loop: EventLoop
    private let state = Mutex(State())

    init(_ loop: EventLoop) {
        self.loop = loop
    }

    /// Opens the connection and sends the bytes.
    ///
    /// - Throws: `SocketError` when the connection cannot be opened, for example because the loop has ended.
    func open(to address: SocketAddress, sending bytes: [UInt8]) async throws {
        let error: SocketError? = await withCheckedContinuation { opened in
            let isRunning = loop.execute {
                let connection = Connection.open(to: address, on: self.loop, handler: self) {
                    opened.resume(returning: $0)
                }
                let isClosed = self.state.withLock { state in
                    state.connection = connection
                    return state.isClosed
                }
                if isClosed { connection?.close() }
            }
            if !isRunning { opened.resume(returning: .loopsShutDown) }
        }
        if let error { throw error }
        onConnection {
            $0.write(bytes)
            $0.startReading()
        }
    }

    /// Returns the next bytes, or nil when the server has ended.
    func next() async throws -> [UInt8]? {
        await withCheckedContinuation { continuation in
            let isReady = state.withLock { state in
                if !state.arrived.isEmpty || state.end != nil { return true }
                state.waiting = continuation
                return false
            }
            if isReady { continuation.resume() }
        }
        let (bytes, end) = state.withLock { state in
            defer { state.arrived = [] }
            return (state.arrived, state.end)
        }
        guard bytes.isEmpty else {
            onConnection { $0.startReading() }
            return bytes
        }
        try end?.get()
        return nil
    }

    /// Closes the connection in any state.
    ///
    /// You can call it more than once.
    func close() {
        state.withLock { $0.isClosed = true }
        finish(.failure(CancellationError()))
        onConnection { $0.close() }
    }

    private func onConnection(_ body: @escaping @Sendable (Connection) -> Void) {
        loop.execute {
            if let connection = self.state.withLock({ $0.connection }) { body(connection) }
        }
    }

    private func finish(_ end: Result<Void, any Error>) {
        state.withLock { state in
            if state.end == nil { state.end = end }
            return state.waiting.take()
        }?.resume()
    }

    func received(_ bytes: Span<UInt8>) {
        let (waiting, isFull) = state.withLock { state in
            state.arrived.append(copying: bytes)
            return (state.waiting.take(), state.arrived.count >= Connection.waterMark)
        }
        if isFull { state.withLock { $0.connection }?.stopReading() }
        waiting?.resume()
    }

    func receivedEnd() { finish(.success(())) }

    func drained() {}

    func closed(_ error: SocketError?) {
        finish(error.map { .failure($0) } ?? .success(()))
        state.withLock { $0.connection = nil }
    }
}
