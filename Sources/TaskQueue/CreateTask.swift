import Wippy

/// `POST /tasks`: puts a task on the queue.
struct CreateTask: HTTPHandler {
    private let tasks: Queue

    init(_ context: HandlerContext) throws {
        tasks = try context.queue("tasks")
    }

    func handle(_ request: HTTPRequest) async throws -> HTTPResponse {
        let body = try await body(of: request)
        guard let action = body["action"]?.string else { throw HTTPError(.badRequest, "action required") }
        var data = body["data"] ?? .null
        if data.isNull { data = [:] }
        let id = Value.string("\(UniqueID.v4())")
        try await tasks.publish([
            "action": .string(action), "created_at": .integer(UnixTime.now), "data": data, "id": id,
        ])
        return try .json(["id": id, "status": "queued"], status: .accepted)
    }

    /// Returns the body.
    ///
    /// - Throws: ``HTTPError`` with status 400 when the body is not JSON. The answer has only the message.
    private func body(of request: HTTPRequest) async throws -> Value {
        do {
            return try await request.json()
        } catch let error as HTTPError where error.status == .badRequest {
            throw HTTPError(.badRequest, error.message)
        }
    }
}
