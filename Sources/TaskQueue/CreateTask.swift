import Wippy

/// `POST /tasks`: puts a task on the queue.
struct CreateTask: HTTPHandler {
    private let tasks: Queue

    init(_ context: HandlerContext) throws {
        tasks = try context.queue("tasks")
    }

    func handle(_ request: HTTPRequest) async throws -> HTTPResponse {
        let body = try await request.json()
        guard let action = body["action"]?.string else { throw HTTPError(.badRequest, "action required") }
        let id = Value.string("\(UniqueID.v4())")
        try await tasks.publish([
            "id": id, "action": .string(action), "data": body["data"] ?? [:], "created_at": .integer(UnixTime.now),
        ])
        return .json(["id": id, "status": "queued"], status: .accepted)
    }
}
