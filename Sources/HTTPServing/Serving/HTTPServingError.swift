/// The reasons why the server answers a request in place of the responder.
public enum HTTPServingError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The responder took too long.
    case tooSlow
    /// The server's ``HTTPServer/stop()`` was cancelled.
    case stopping
    /// The responder has returned an interim status (1xx), which cannot be the final answer.
    case interimStatus(HTTPStatus)

    /// A sentence without a full stop.
    ///
    /// By default, the client gets it for `tooSlow` and `stopping`.
    public var description: String {
        switch self {
        case .tooSlow: "the request took too long"
        case .stopping: "the server is stopping"
        case .interimStatus(let status): "an answer cannot have the status \(status.code)"
        }
    }
}
