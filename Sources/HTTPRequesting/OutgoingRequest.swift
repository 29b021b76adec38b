package import EventLoops
package import HTTPServing

/// A request from this program to a server, over a connection of its own.
///
/// The Lua module `http_client` sends its requests in this way.
package struct OutgoingRequest: Sendable {
    /// The server's address.
    ///
    /// If the host is a name, the name is looked up.
    package let address: SocketAddress
    package let method: HTTPMethod
    /// The path with its query, in visible ASCII.
    package let target: String
    /// The fields, with those that the request adds by itself.
    package let fields: HTTPFields
    package let body: [UInt8]

    /// - Parameter host: the value of the field `Host`.
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

    /// The methods that usually have no body.
    ///
    /// Without a body they get no `Content-Length`.
    private static let withoutBody: Set<HTTPMethod> = [.get, .head, .options, .delete, .trace]

    /// The bytes of the whole request.
    private var bytes: [UInt8] {
        Array("\(method) \(target) HTTP/1.1\r\n".utf8) + fields.bytes + Array("\r\n".utf8) + body
    }

    /// Sends the request, and returns when the head of the answer has arrived.
    ///
    /// - Parameter loop: the loop of the connection. The caller may be on any executor.
    /// - Throws: `SocketError`, `HTTPResponseError` or `CancellationError`.
    package func send(on loop: EventLoop) async throws -> IncomingResponse {
        let address = try await address.resolved()
        let exchange = OutgoingExchange(loop)
        return try await withTaskCancellationHandler {
            do {
                try await exchange.open(to: address, sending: bytes)
                return try await IncomingResponse(to: method, from: exchange)
            } catch {
                exchange.close()
                throw error
            }
        } onCancel: {
            exchange.close()
        }
    }
}

/// The answer of a server: its head, and then its content as it arrives.
///
/// The connection ends with the answer. `@unchecked Sendable`: one task at a time reads it.
package final class IncomingResponse: @unchecked Sendable {
    package private(set) var head = HTTPResponseHead()
    private let exchange: OutgoingExchange
    private var parser: ResponseParser
    /// The content that has arrived and that nobody has asked for yet.
    private var content: ArraySlice<[UInt8]> = []
    private var isOver = false

    fileprivate init(to method: HTTPMethod, from exchange: OutgoingExchange) async throws {
        (self.exchange, parser) = (exchange, ResponseParser(to: method))
        while try await !readHead() {}
    }

    deinit { exchange.close() }

    /// The number in the first line of the field `Content-Length`; nil if there is none.
    package var contentLength: Int? { head.fields.values(of: .contentLength).first.flatMap { Int($0) } }

    /// Returns the next piece of the content, never empty; nil at the end.
    package func next() async throws -> [UInt8]? {
        try await withTaskCancellationHandler {
            while content.isEmpty, !isOver { for event in try await events() { handle(event) } }
            return content.popFirst()
        } onCancel: {
            exchange.close()
        }
    }

    private func readHead() async throws -> Bool {
        var hasHead = false
        for event in try await events() {
            if case .head(let head) = event { (self.head, hasHead) = (head, true) } else { handle(event) }
        }
        return hasHead
    }

    private func handle(_ event: ResponseParser.Event) {
        switch event {
        case .head: return
        case .content(let piece): content.append(piece)
        case .end:
            isOver = true
            exchange.close()
        }
    }

    /// Reads the events in the next bytes.
    private func events() async throws -> [ResponseParser.Event] {
        guard let bytes = try await exchange.next() else { return try parser.readEnd() }
        return try parser.read(bytes)
    }
}
