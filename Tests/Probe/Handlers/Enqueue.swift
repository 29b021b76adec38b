import Wippy

/// Puts the body into the queue `next`, and answers 202 when it has been accepted.
struct Enqueue: HTTPHandler {
    private let next: Queue

    init(_ context: HandlerContext) throws {
        next = try context.queue("next")
    }

    func handle(_ request: HTTPRequest) async throws -> HTTPResponse {
        try await next.publish(try await request.json())
        return try .json(["accepted": true], status: .accepted)
    }
}
