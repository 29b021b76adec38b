/// A responder's answer to a request.
public struct HTTPResponse: Sendable {
    /// The status and the header fields.
    public var head: HTTPResponseHead
    /// The content.
    public var body: Body

    /// The content of a response.
    public enum Body: Sendable {
        /// No content.
        case none
        /// The whole content.
        case bytes([UInt8])
        /// Content that the closure writes in pieces while it is sent.
        ///
        /// In some cases the server does not call the closure, for example for HEAD or when the client has gone.
        ///
        /// The first write or flush sends the head. If the closure throws before that, the server answers the error as
        /// if the responder had thrown it. If the closure throws later, the connection closes. Over TCP, the client can
        /// see if content is missing.
        ///
        /// `length` is the number of bytes if you know it, otherwise nil. It is an error to write another number of
        /// bytes.
        case stream(length: Int?, @Sendable (inout HTTPBodyWriter) async throws -> Void)
    }

    /// Creates a response from a head and its content.
    public init(head: HTTPResponseHead, body: Body = .none) {
        self.head = head
        self.body = body
    }

    /// Creates a response from a status, fields and content.
    public init(status: HTTPStatus, fields: HTTPFields = HTTPFields(), body: Body = .none) {
        self.init(head: HTTPResponseHead(status: status, fields: fields), body: body)
    }

    /// Creates a response with JSON text and its `Content-Type`.
    ///
    /// - Parameters:
    ///   - json: the text in UTF-8, which is not checked.
    ///   - status: the status. Default: 200.
    public init(json: [UInt8], status: HTTPStatus = .ok) {
        self.init(head: HTTPResponseHead(status: status, fields: Self.jsonFields), body: .bytes(json))
    }

    /// Creates a response with the JSON object `{"error": "…"}`.
    ///
    /// - Parameters:
    ///   - status: the status of the answer.
    ///   - error: a sentence for the client.
    public init(status: HTTPStatus, error: String) {
        self.init(json: Array(#"{"error":"\#(Self.escaped(error))"}"#.utf8), status: status)
    }

    /// The status, such as 200.
    public var status: HTTPStatus {
        get { head.status }
        set { head.status = newValue }
    }

    /// The header fields.
    public var fields: HTTPFields {
        get { head.fields }
        set { head.fields = newValue }
    }

    /// The fields of every response with JSON.
    ///
    /// They are made once.
    private static let jsonFields: HTTPFields = {
        var fields = HTTPFields()
        // The value has no control character, so it can be set.
        try? fields.set(.contentType, "application/json")
        return fields
    }()

    /// A text in the form that it has between quotation marks in JSON.
    ///
    /// The server has no JSON writer, because it writes only this one object.
    private static func escaped(_ text: String) -> String {
        guard text.utf8.contains(where: { $0 < 0x20 || $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "\\") }) else {
            return text
        }
        return text.unicodeScalars.reduce(into: "") { escaped, scalar in
            switch scalar {
            case "\"", "\\": escaped += "\\\(scalar)"
            case "\u{00}"..<"\u{20}":
                let digits = String(scalar.value, radix: 16)
                escaped += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: escaped.unicodeScalars.append(scalar)
            }
        }
    }
}
