/// Answers the requests of a server.
public protocol HTTPResponder: Sendable {
    /// Answers a request.
    ///
    /// The server calls the method on the connection's loop, so it must not block or compute for long. The server may
    /// cancel the call's task, for example when the client has gone or the responder's time is up.
    ///
    /// - Throws: any error, which ``answer(to:_:)`` turns into an answer.
    func respond(to request: HTTPRequest) async throws -> HTTPResponse

    /// Makes an answer from an error.
    ///
    /// The error comes from ``respond(to:)``, from the closure of an `HTTPResponse.Body.stream`, or from the server.
    /// The method may be called when the client has an answer already, or has gone, so that it can log the error. The
    /// server then drops the result.
    ///
    /// The server calls the method on the connection's loop, so it must not block. If the result has an interim status,
    /// the server sends an answer of its own, with the status 500. The server leaves out content that would be written
    /// in pieces.
    func answer(to error: any Error, _ request: HTTPRequest) -> HTTPResponse
}

extension HTTPResponder {
    /// Answers with ``HTTPResponse/init(saidBy:)``, or with 500 if that returns nil.
    public func answer(to error: any Error, _ request: HTTPRequest) -> HTTPResponse {
        HTTPResponse(saidBy: error) ?? .internalError(request)
    }
}

extension HTTPResponse {
    /// Creates the answer to an `HTTPBodyError` or an `HTTPServingError`, with the error's description.
    ///
    /// - Returns: nil for any other error, and for an error that is the responder's own fault.
    public init?(saidBy error: any Error) {
        switch error {
        case let error as HTTPBodyError where error.code != .unavailable:
            self.init(status: error.status, error: error.description)
        case let error as HTTPServingError where error == .tooSlow || error == .stopping:
            self.init(status: .serviceUnavailable, error: error.description)
        default: return nil
        }
    }

    /// The answer 500 with a JSON object: the text "internal error" and the request's id.
    ///
    /// The answer shows nothing of the error.
    fileprivate static func internalError(_ request: HTTPRequest) -> HTTPResponse {
        let body = Array(#"{"error":"internal error","request_id":"\#(request.id)"}"#.utf8)
        return HTTPResponse(json: body, status: .internalServerError)
    }
}
