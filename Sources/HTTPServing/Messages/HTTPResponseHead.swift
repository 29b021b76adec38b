/// The status and the header fields of a response (RFC 9112, section 4).
///
/// The server sets the version, `Date`, `Connection`, `Content-Length` and `Transfer-Encoding`. It ignores what a
/// responder sets for them, with two exceptions: `Connection: close` closes the connection, and a `Date` of the
/// responder is sent.
public struct HTTPResponseHead: Sendable, Equatable {
    /// The status, 200 through 999.
    ///
    /// Only the server sends interim statuses (1xx). If a responder returns one, the client gets 500.
    public var status: HTTPStatus
    /// The fields, in the order in which they are sent.
    public var fields: HTTPFields

    /// Creates a head.
    public init(status: HTTPStatus = .ok, fields: HTTPFields = HTTPFields()) {
        self.status = status
        self.fields = fields
    }
}
