public import EventLoops

/// A request as a responder sees it.
public struct HTTPRequest: Sendable {
    /// The request line and the fields.
    public var head: HTTPRequestHead
    /// The body, which is read when it is asked for.
    public var body: HTTPBody
    /// What the path says for the parameters of a route: set by whoever routes, empty until then.
    public var parameters: [HTTPPathParameter] = []
    /// Where the request came from, whatever becomes of its body.
    private let source: HTTPBody.Source

    init(_ head: HTTPRequestHead, on connection: HTTPConnection, exchange: UInt64) {
        self.head = head
        body = HTTPBody(connection, exchange: exchange)
        source = body.source
    }

    /// A request that came from no client, for tests and calls within the process.
    public init(head: HTTPRequestHead, body: [UInt8] = []) {
        self.head = head
        self.body = HTTPBody(body)
        source = self.body.source
    }

    /// What is asked for.
    public var method: HTTPMethod { head.method }

    /// The fields of the head.
    public var fields: HTTPFields { head.fields }

    /// The peer's address; nil if the request came from no client.
    public var remoteAddress: SocketAddress? {
        guard case .connection(let connection, _) = source else { return nil }
        return connection.remoteAddress
    }

    /// What names the request in logs and in answers.
    ///
    /// The client's own `X-Request-Id` if it is 1 to 128 letters, digits and `-_.:+/=@`, and one of the server's
    /// otherwise, unique among the requests of the server. Made when it is asked for.
    public var id: String {
        if let given = head.fields.firstValueBytes(of: .requestID), Self.isID(given) {
            return String(decoding: given, as: UTF8.self)
        }
        guard case .connection(let connection, let exchange) = source else { return "0" }
        return "\(connection.id)-\(exchange)"
    }

    /// Changes how long the responder may take, from this call on; nil for as long as it wants.
    ///
    /// Without effect once the response has been returned.
    public func setTimeout(_ timeout: Duration?) {
        guard case .connection(let connection, let exchange) = source else { return }
        if connection.loop.isCurrent {
            connection.setResponderTimeout(timeout, exchange: exchange)
        } else {
            connection.loop.execute { connection.setResponderTimeout(timeout, exchange: exchange) }
        }
    }

    private static func isID(_ bytes: ArraySlice<UInt8>) -> Bool {
        1...128 ~= bytes.count && bytes.allSatisfy(idCharacters.contains)
    }

    private static let idCharacters = Grammar.ASCIISet(
        "-_.:+/=@0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
}

/// What a path says for one parameter of a route.
public struct HTTPPathParameter: Sendable, Hashable {
    /// The parameter's name in the route.
    public let name: String
    /// What stands in the path, decoded.
    public let value: String

    /// Creates a parameter.
    public init(name: String, value: String) {
        self.name = name
        self.value = value
    }
}
