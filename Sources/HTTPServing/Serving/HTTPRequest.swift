public import EventLoops

/// A request as a responder sees it.
public struct HTTPRequest: Sendable {
    /// The request line and the header fields.
    public var head: HTTPRequestHead
    /// The body.
    ///
    /// It is received only when you read it.
    public var body: HTTPBody
    /// The path's values for the parameters of the route.
    ///
    /// A router sets them; before that they are empty.
    public var parameters: [HTTPPathParameter] = []
    /// Where the request came from, whatever becomes of its body.
    private let source: HTTPBody.Source

    init(_ head: HTTPRequestHead, on connection: HTTPConnection, exchange: UInt64) {
        self.head = head
        body = HTTPBody(connection, exchange: exchange)
        source = body.source
    }

    /// Creates a request without a client, for tests and calls within the process.
    public init(head: HTTPRequestHead, body: [UInt8] = []) {
        self.head = head
        self.body = HTTPBody(body)
        source = self.body.source
    }

    /// The method, such as GET.
    public var method: HTTPMethod { head.method }

    /// The header fields.
    public var fields: HTTPFields { head.fields }

    /// The client's address; nil for a request without a client.
    public var remoteAddress: SocketAddress? {
        guard case .connection(let connection, _) = source else { return nil }
        return connection.remoteAddress
    }

    /// Identifies the request in logs and answers.
    ///
    /// It is the client's `X-Request-Id` if that has 1 to 128 letters, digits and `-_.:+/=@`. Otherwise the server
    /// makes one, which is unique among its requests.
    public var id: String {
        if let given = head.fields.firstValueBytes(of: .requestID), Self.isID(given) {
            return String(decoding: given, as: UTF8.self)
        }
        guard case .connection(let connection, let exchange) = source else { return "0" }
        return "\(connection.id)-\(exchange)"
    }

    /// Changes how long the responder may take from now on; nil means no limit.
    ///
    /// It has no effect once the response has been returned.
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

/// The path's value for one parameter of a route.
public struct HTTPPathParameter: Sendable, Hashable {
    /// The parameter's name in the route.
    public let name: String
    /// The decoded part of the path.
    public let value: String

    /// Creates a parameter.
    public init(name: String, value: String) {
        self.name = name
        self.value = value
    }
}
