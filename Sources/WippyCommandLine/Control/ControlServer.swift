import EventLoops
import Glibc
import WippyLog
import WippyRuntime
import WippyText
import WippyValues

/// The control socket of a running application.
///
/// It has an event loop of its own, so the application's other requests do not wait for it.
final class ControlServer: Sendable {
    /// The largest number of connections at once.
    ///
    /// Further connections wait.
    static let maxConnections = 16

    private let group: EventLoopGroup
    private let path: String

    /// Opens the socket of this process.
    ///
    /// - Returns: the server; nil if the socket cannot be made. Then the log says so, and the application runs without
    ///   the socket.
    static func open(
        in folder: ControlFolder, of id: pid_t = getpid(), services: [any ControlService], log: Log
    ) async -> ControlServer? {
        do {
            return try await ControlServer(folder, id, services)
        } catch {
            log.info(
                "the application has no control socket, so commands cannot ask it",
                ["reason": "\(FailureReason.text(of: error))"])
            return nil
        }
    }

    private init(_ folder: ControlFolder, _ id: pid_t, _ services: [any ControlService]) async throws {
        try folder.make()
        folder.sweep()
        path = folder.socket(of: id)
        guard unsafe access(path, F_OK) != 0 else {
            throw ControlError("'\(path)' already exists: a process with the same id listens there")
        }
        group = try EventLoopGroup(count: 1)
        do {
            try await listen(services)
        } catch {
            await group.shutDown()
            throw error
        }
    }

    /// Listens, and only then puts the socket in its place.
    ///
    /// A socket at which no process listens counts as left over.
    private func listen(_ services: [any ControlService]) async throws {
        let draft = path + ".new"
        _ = unsafe unlink(draft)
        let listener = try await Listener(
            on: .file(draft), group: group, maxConnections: Self.maxConnections, backlog: Self.maxConnections)
        guard unsafe chmod(draft, 0o600) == 0, unsafe rename(draft, path) == 0 else {
            let number = errno
            _ = unsafe unlink(draft)
            throw ControlError.ofSystem(path, number)
        }
        // A repeated name is an error of the check.
        let named = Dictionary(services.map { (ExactText(type(of: $0).name), $0) }) { first, _ in first }
        listener.start { connection in
            connection.handler = ControlConnection(connection, named)
            connection.startReading()
        }
    }

    /// Removes the socket, and ends the running answers.
    func close() async {
        _ = unsafe unlink(path)
        await group.shutDown()
    }
}

/// A connection to the control socket, for one request and its answer.
///
/// `@unchecked Sendable`: only the connection's loop uses it.
private final class ControlConnection: ConnectionHandler, @unchecked Sendable {
    /// The longest time for a request to arrive.
    private static let patience = Duration.seconds(5)

    private let connection: Connection
    private let services: [ExactText: any ControlService]
    private let deadline: LoopTimer
    private var line: [UInt8] = []
    private var answering: Task<Void, Never>?
    /// True if further input is ignored.
    private var isRefused = false
    /// The continuations of the calls that wait until the other side has read the answer so far.
    private var senders: [CheckedContinuation<Void, any Error>] = []

    init(_ connection: Connection, _ services: [ExactText: any ControlService]) {
        (self.connection, self.services) = (connection, services)
        deadline = LoopTimer(on: connection.loop) { connection.close() }
        deadline.schedule(after: Self.patience)
    }

    func received(_ bytes: Span<UInt8>) {
        guard answering == nil else { return }
        for index in bytes.indices {
            guard bytes[index] != UInt8(ascii: "\n") else { return begin() }
            guard line.count < ControlRequest.maxBytes else {
                isRefused = true
                connection.stopReading()
                return end(.error("a request is longer than \(ControlRequest.maxBytes) bytes"))
            }
            line.append(bytes[index])
        }
    }

    /// A command that has ended, or that waits no longer, ends its side.
    func receivedEnd() { connection.close() }

    func drained() {
        for sender in senders { sender.resume() }
        senders = []
        if isRefused { connection.close() }
    }

    func closed(_ error: SocketError?) {
        deadline.close()
        answering?.cancel()
        for sender in senders { sender.resume(throwing: CancellationError()) }
        senders = []
    }

    private func begin() {
        deadline.cancel()
        let request: ControlRequest
        do {
            request = try ControlRequest(line: line)
        } catch {
            return end(.error(error.description))
        }
        guard let service = services[ExactText(request.service)] else {
            return end(.error(ControlError(unknown: request).description))
        }
        answering = Task(executorPreference: connection.loop) { [self] in
            let last: ControlLine
            do {
                try await service.handle(request, ControlAnswer { try await self.send($0) })
                last = .end
            } catch {
                last = .error(FailureReason.text(of: error))
            }
            connection.loop.execute { self.end(last) }
        }
    }

    private func send(_ value: Value) async throws {
        try await withCheckedThrowingContinuation { continuation in
            let isQueued = connection.loop.execute { self.write(value, continuation) }
            if !isQueued { continuation.resume(throwing: CancellationError()) }
        }
    }

    private func write(_ value: Value, _ continuation: CheckedContinuation<Void, any Error>) {
        guard !connection.isClosed else { return continuation.resume(throwing: CancellationError()) }
        connection.write(ControlLine.value(value).bytes)
        guard connection.unwrittenBytes > Connection.waterMark else { return continuation.resume() }
        senders.append(continuation)
    }

    private func end(_ last: ControlLine) {
        guard !connection.isClosed else { return }
        connection.write(last.bytes)
        connection.finishWriting()
    }
}
