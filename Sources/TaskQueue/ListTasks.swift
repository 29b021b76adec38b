import Wippy

/// `GET /tasks`: returns the hundred newest results, or the newest results with one status.
struct ListTasks: HTTPHandler {
    private static let newest = SelectRows("id", "payload", "status", "result", "created_at", "processed_at")
        .from("tasks").orderBy("created_at DESC").limit(100)

    private let database: Database

    init(_ context: HandlerContext) throws {
        database = try context.database("db")
    }

    func handle(_ request: HTTPRequest) async throws -> HTTPResponse {
        var tasks = Self.newest
        if let status = request.query("status") { tasks = tasks.where(.equal("status", status)) }
        let rows = try await database.json(tasks)
        return .json(encoded: Array("{\"count\":\(rows.count),\"tasks\":".utf8) + rows.bytes + Array("}".utf8))
    }
}
