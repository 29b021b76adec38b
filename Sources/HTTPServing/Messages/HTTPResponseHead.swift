/// A response's status and fields (RFC 9112, section 4).
///
/// The version, `Date`, `Connection`, `Content-Length` and `Transfer-Encoding` are the server's: it adds them, and does
/// not send what a responder has set for them, except that `Connection: close` closes and a `Date` of its own stands.
public struct HTTPResponseHead: Sendable, Equatable {
    /// The outcome; 200 through 999.
    ///
    /// Interim statuses (1xx) are the server's own: one here is answered as 500.
    public var status: HTTPStatus
    /// The fields, in the order in which they are sent.
    public var fields: HTTPFields

    /// A head with this status and these fields.
    public init(status: HTTPStatus = .ok, fields: HTTPFields = HTTPFields()) {
        self.status = status
        self.fields = fields
    }
}
