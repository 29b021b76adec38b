import Wippy

/// `GET /numbers?count=1000`: writes this number of numbers, one on each line.
///
/// It writes as fast as the client reads.
struct Download: HTTPHandler {
    init(_ context: HandlerContext) {}

    func handle(_ request: HTTPRequest) async throws -> HTTPResponse {
        guard let count = Int(request.query("count") ?? "1000"), 0...100_000_000 ~= count else {
            throw HTTPError(.badRequest, "count must be a whole number up to 100000000")
        }
        var response = HTTPResponse(
            status: .ok,
            body: .stream(length: nil) { writer in
                for start in stride(from: 0, to: count, by: 1000) {
                    let lines = (start..<min(start + 1000, count)).map { "\($0)\n" }.joined()
                    // This waits while the client has unread lines. So the program does not need more memory for a slow
                    // client.
                    try await writer.write(lines)
                }
            })
        try response.fields.set(.contentType, "text/plain; charset=utf-8")
        return response
    }
}
