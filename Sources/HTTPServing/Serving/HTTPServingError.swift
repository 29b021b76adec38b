/// Why the server answers a request instead of the responder.
public enum HTTPServingError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The responder took too long.
    case tooSlow
    /// The server is stopping and has no time left.
    case stopping
    /// The responder has returned an interim status (1xx), which cannot be an answer.
    case interimStatus(HTTPStatus)

    /// A sentence without a full stop.
    ///
    /// For the first two cases the client gets it.
    public var description: String {
        switch self {
        case .tooSlow: "the request took too long"
        case .stopping: "the server is stopping"
        case .interimStatus(let status): "an answer cannot have the status \(status.code)"
        }
    }
}
