public import EventLoops
import Synchronization

/// A request, as a responder gets it.
public struct HTTPRequest: Sendable {
    /// The request line and the header fields.
    public var head: HTTPRequestHead
    /// The body.
    ///
    /// Read it whole with ``HTTPBody/collect(upTo:)``, or in pieces with `for try await`.
    public var body: HTTPBody
    /// The values in the path for the parameters of the route.
    ///
    /// Default: none.
    public var parameters: [HTTPPathParameter] = []
    /// The origin of the request, which stays the same if `body` is replaced.
    private let source: HTTPBody.Source
    /// The attachment of a request without a client; nil for any other request.
    private let attached: Attached?

    init(_ head: HTTPRequestHead, on connection: HTTPConnection, exchange: UInt64) {
        self.head = head
        body = HTTPBody(connection, exchange: exchange)
        source = body.source
        attached = nil
    }

    /// Creates a request that no client sent, for tests and for calls within the process.
    ///
    /// By default the body is empty.
    public init(head: HTTPRequestHead, body: [UInt8] = []) {
        self.head = head
        self.body = HTTPBody(body)
        source = self.body.source
        attached = Attached()
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

    /// The request's id for logs and answers.
    ///
    /// It is the first value of the field `X-Request-Id` if that consists of 1 to 128 ASCII letters, digits and
    /// `-_.:+/=@`. Otherwise the server makes an id, which it gives to no other request. A request without a client
    /// gets "0" instead.
    public var id: String {
        if let given = head.fields.firstValueBytes(of: .requestID), Self.isID(given) {
            return String(decoding: given, as: UTF8.self)
        }
        guard case .connection(let connection, let exchange) = source else { return "0" }
        return "\(connection.id)-\(exchange)"
    }

    /// Sets the time that the responder may take, counted from now.
    ///
    /// You can call it from any thread. It has an effect only until the response is returned, and only for a client's
    /// request.
    ///
    /// - Parameter timeout: the time; nil means no limit.
    public func setTimeout(_ timeout: Duration?) {
        guard case .connection(let connection, let exchange) = source else { return }
        if connection.loop.isCurrent {
            connection.setResponderTimeout(timeout, exchange: exchange)
        } else {
            connection.loop.execute { connection.setResponderTimeout(timeout, exchange: exchange) }
        }
    }

    /// True if the client has an answer, or the beginning of one, although the responder still works on the request.
    ///
    /// Read it on the connection's loop, for example in ``HTTPResponder/answer(to:_:)``. Elsewhere, and for a request
    /// without a client, it is false.
    public var isAnswered: Bool {
        guard case .connection(let connection, let exchange) = source, connection.loop.isCurrent else { return false }
        guard exchange == connection.exchange else { return false }
        return connection.serving == .abandoned || connection.hasBegunContent
    }

    /// An object that goes with the request until the work for it has ended; nil if there is none.
    ///
    /// All copies of the request share it, and so does the request of ``HTTPResponder/answer(to:_:)``. For a client's
    /// request, it is nil outside the connection's loop, and setting it there has no effect.
    package var attachment: (any AnyObject & Sendable)? {
        get {
            guard case .connection(let connection, let exchange) = source else {
                return attached?.object.withLock { $0 }
            }
            return connection.loop.isCurrent && exchange == connection.exchange ? connection.attachment : nil
        }
        nonmutating set {
            guard case .connection(let connection, let exchange) = source else {
                attached?.object.withLock { $0 = newValue }
                return
            }
            guard connection.loop.isCurrent, exchange == connection.exchange else { return }
            connection.attachment = newValue
        }
    }

    private final class Attached: Sendable {
        let object = Mutex<(any AnyObject & Sendable)?>(nil)
    }

    private static func isID(_ bytes: ArraySlice<UInt8>) -> Bool {
        1...128 ~= bytes.count && bytes.allSatisfy(idCharacters.contains)
    }

    private static let idCharacters = Grammar.ASCIISet(
        "-_.:+/=@0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
}

/// A parameter of a route, with its value in the path of a request.
public struct HTTPPathParameter: Sendable, Hashable {
    /// The parameter's name in the route.
    public let name: String
    /// The decoded part of the path.
    public let value: String

    /// Creates a parameter with its value.
    public init(name: String, value: String) {
        self.name = name
        self.value = value
    }
}
