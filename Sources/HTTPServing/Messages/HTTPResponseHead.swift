/// The status and the header fields of a response (RFC 9112, section 4).
///
/// The server decides on the fields `Connection`, `Content-Length`, `Keep-Alive` and `Transfer-Encoding`. It ignores a
/// responder's values for them, with one exception: `Connection: close` closes the connection. The server adds `Date`
/// if the responder has not set it.
public struct HTTPResponseHead: Sendable, Equatable {
    /// The status.
    ///
    /// A responder's answer cannot have an interim status (1xx); see ``HTTPServingError/interimStatus(_:)``.
    public var status: HTTPStatus
    /// The fields, in the order in which they are sent.
    public var fields: HTTPFields

    /// Creates a head.
    public init(status: HTTPStatus = .ok, fields: HTTPFields = HTTPFields()) {
        self.status = status
        self.fields = fields
    }
}
