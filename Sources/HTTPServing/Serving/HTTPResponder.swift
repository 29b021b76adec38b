/// Answers the requests of a server.
public protocol HTTPResponder: Sendable {
    /// Answers a request.
    ///
    /// It runs on the connection's task, on the connection's loop, so it must not block or compute for long. The task
    /// is cancelled when the client has gone, and when the time for the responder is up.
    ///
    /// - Throws: any error. ``answer(to:_:)`` turns it into an answer.
    func respond(to request: HTTPRequest) async throws -> HTTPResponse

    /// Answers a request in place of ``respond(to:)``, after an error that it threw, after a body that cannot be read
    /// (`HTTPBodyError`), or after a decision of the server (`HTTPServingError`).
    ///
    /// By default an error that has a text for the client is answered with it, and any other with 500. This is not
    /// called once an answer has begun. It must not block.
    func answer(to error: any Error, _ request: HTTPRequest) -> HTTPResponse
}

extension HTTPResponder {
    /// By default the error's own answer, or 500.
    public func answer(to error: any Error, _ request: HTTPRequest) -> HTTPResponse {
        HTTPResponse(saidBy: error) ?? .internalError(request)
    }
}

extension HTTPResponse {
    /// Creates the answer to an error that has a text for the client: an `HTTPBodyError` or an `HTTPServingError`.
    ///
    /// - Returns: nil for any other error, and for a mistake of the responder.
    public init?(saidBy error: any Error) {
        switch error {
        case let error as HTTPBodyError where error.code != .unavailable:
            self.init(status: error.status, error: error.description)
        case let error as HTTPServingError where error == .tooSlow || error == .stopping:
            self.init(status: .serviceUnavailable, error: error.description)
        default: return nil
        }
    }

    /// 500 with a JSON object that says "internal error" and the request's id, and nothing of the error.
    fileprivate static func internalError(_ request: HTTPRequest) -> HTTPResponse {
        let body = Array(#"{"error":"internal error","request_id":"\#(request.id)"}"#.utf8)
        return HTTPResponse(json: body, status: .internalServerError)
    }
}
