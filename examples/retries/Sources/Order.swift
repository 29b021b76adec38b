import Wippy

/// `POST /payments`: puts a payment on the queue.
struct Order: HTTPHandler {
    private let payments: Queue

    init(_ context: HandlerContext) throws {
        payments = try context.queue("payments")
    }

    func handle(_ request: HTTPRequest) async throws -> HTTPResponse {
        try await payments.publish(try await request.json())
        return try .json(["status": "queued"], status: .accepted)
    }
}
