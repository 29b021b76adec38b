import Wippy

/// Reads the body as JSON and answers with the value, written again.
struct Repeat: HTTPHandler {
    init(_ context: HandlerContext) {}

    func handle(_ request: HTTPRequest) async throws -> HTTPResponse {
        try .json(try await request.json())
    }
}
