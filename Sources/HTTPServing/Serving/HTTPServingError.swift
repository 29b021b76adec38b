/// Why the server answers a request in place of its responder.
public enum HTTPServingError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The responder is past its time.
    case tooSlow
    /// The server has no more time for it.
    case stopping
    /// The responder has answered with a status that only goes before an answer.
    case interimStatus(HTTPStatus)

    /// A sentence without a full stop; of the first two, what the client is told.
    public var description: String {
        switch self {
        case .tooSlow: "the request took too long"
        case .stopping: "the server is stopping"
        case .interimStatus(let status): "the status \(status.code) cannot be an answer's"
        }
    }
}
