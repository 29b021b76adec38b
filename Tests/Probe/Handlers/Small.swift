import Wippy

/// A small JSON answer, made anew for each request.
struct Small: HTTPHandler {
    init(_ context: HandlerContext) {}

    func handle(_ request: HTTPRequest) async throws -> HTTPResponse {
        try .json(["count": 42, "status": "ready"])
    }
}
