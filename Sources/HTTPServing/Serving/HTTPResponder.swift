/// Answers the requests of a server.
public protocol HTTPResponder: Sendable {
    /// Answers a request.
    ///
    /// Called on the connection's task, whose executor is the connection's loop: whoever blocks or computes for long
    /// goes elsewhere. The task is cancelled when the client has gone and when the responder is past its time.
    ///
    /// - Throws: What ``answer(to:_:)`` answers.
    func respond(to request: HTTPRequest) async throws -> HTTPResponse

    /// Answers a request whose head has been read and that ``respond(to:)`` does not answer: because of an error that
    /// it threw, of a body that cannot be read (`HTTPBodyError`), or of what the server itself decides
    /// (`HTTPServingError`).
    ///
    /// Unless it is implemented, an error that says what the client is told is answered with that, and every other with
    /// 500. Not called when an answer has begun. Must not block.
    func answer(to error: any Error, _ request: HTTPRequest) -> HTTPResponse
}

extension HTTPResponder {
    /// What the error says by itself, or 500.
    public func answer(to error: any Error, _ request: HTTPRequest) -> HTTPResponse {
        HTTPResponse(saidBy: error) ?? .internalError(request)
    }
}

extension HTTPResponse {
    /// The answer to an error that says by itself what the client is told: an `HTTPBodyError` or `HTTPServingError`.
    ///
    /// - Returns: Nil for every other error, and for one that is a mistake of the responder.
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
