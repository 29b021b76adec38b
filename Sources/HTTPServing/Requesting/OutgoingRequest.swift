package import EventLoops

/// A request that this program makes of a server, over a connection of its own.
package struct OutgoingRequest: Sendable {
    /// Where the server is; a name is looked up.
    package let address: SocketAddress
    package let method: HTTPMethod
    /// The path with its query, in visible ASCII.
    package let target: String
    /// What goes beside `Host`, `Connection` and `Content-Length`, which are there by themselves.
    package let fields: HTTPFields
    package let body: [UInt8]

    /// - Parameter host: what stands in the field `Host`.
    package init(
        _ method: HTTPMethod, _ target: String, at address: SocketAddress, host: String, fields: HTTPFields,
        body: [UInt8]
    ) throws(HTTPFieldError) {
        (self.address, self.method, self.target, self.body) = (address, method, target, body)
        var all = HTTPFields()
        try all.append(.host, host)
        for (name, value) in fields {
            guard let name = HTTPFieldName(name), !Self.own.contains(name) else { continue }
            try all.append(name, value)
        }
        if !body.isEmpty || !Self.withoutBody.contains(method) { try all.append(.contentLength, "\(body.count)") }
        try all.append(.connection, "close")
        self.fields = all
    }

    private static let own: Set<HTTPFieldName> = [.host, .connection, .contentLength, .transferEncoding, .expect]

    /// Methods of which no body is expected, so that no length says that there is none.
    private static let withoutBody: Set<HTTPMethod> = [.get, .head, .options, .delete, .trace]

    /// What is sent.
    private var bytes: [UInt8] {
        Array("\(method) \(target) HTTP/1.1\r\n".utf8) + fields.bytes + Array("\r\n".utf8) + body
    }

    /// Sends it, and returns when the head of the answer has come.
    ///
    /// - Parameter loop: where the connection is; the caller may be anywhere.
    /// - Throws: `SocketError`, `HTTPAnswerError`, or `CancellationError` when the task is cancelled.
    package func send(on loop: EventLoop) async throws -> IncomingAnswer {
        let address = try await address.resolved()
        let exchange = OutgoingExchange(loop)
        return try await withTaskCancellationHandler {
            do {
                try await exchange.open(to: address, sending: bytes)
                return try await IncomingAnswer(to: method, from: exchange)
            } catch {
                exchange.close()
                throw error
            }
        } onCancel: {
            exchange.close()
        }
    }
}

/// The answer of a server: its head, and its content as it comes.
///
/// The connection ends with it. `@unchecked Sendable`: read by one task at a time.
package final class IncomingAnswer: @unchecked Sendable {
    package private(set) var head = HTTPResponseHead()
    private let exchange: OutgoingExchange
    private var parser: ResponseParser
    /// Content that has not been asked for.
    private var content: ArraySlice<[UInt8]> = []
    private var isOver = false

    fileprivate init(to method: HTTPMethod, from exchange: OutgoingExchange) async throws {
        (self.exchange, parser) = (exchange, ResponseParser(to: method))
        while try await !readHead() {}
    }

    deinit { exchange.close() }

    /// How long the content is; nil if that is not said.
    package var contentLength: Int? { head.fields[.contentLength].flatMap { Int($0) } }

    /// The next piece of the content, never empty; nil at the end.
    package func next() async throws -> [UInt8]? {
        try await withTaskCancellationHandler {
            while content.isEmpty, !isOver { for event in try await events() { take(event) } }
            return content.popFirst()
        } onCancel: {
            exchange.close()
        }
    }

    private func readHead() async throws -> Bool {
        var hasHead = false
        for event in try await events() {
            if case .head(let head) = event { (self.head, hasHead) = (head, true) } else { take(event) }
        }
        return hasHead
    }

    private func take(_ event: ResponseParser.Event) {
        switch event {
        case .head: return
        case .content(let piece): content.append(piece)
        case .end:
            isOver = true
            exchange.close()
        }
    }

    /// What the next bytes say.
    private func events() async throws -> [ResponseParser.Event] {
        guard let bytes = try await exchange.next() else { return try parser.readEnd() }
        return try parser.read(bytes)
    }
}
