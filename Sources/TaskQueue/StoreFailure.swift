import Wippy

/// Stores a task that failed too often, with the reason.
///
/// `GET /tasks?status=failed` lists it.
struct StoreFailure: MessageHandler {
    private static let store: SQL = """
        INSERT INTO tasks (id, payload, status, result, created_at, processed_at)
        VALUES (?, ?, 'failed', ?, ?, ?)
        ON CONFLICT (id) DO NOTHING
        """

    private let database: Database

    init(_ context: HandlerContext) throws {
        database = try context.database("db")
    }

    func handle(_ task: Value, _ delivery: Delivery) async throws {
        let reason = delivery.message.headers[MessageHeader.deadLetterReason] ?? .null
        try await database.execute(
            Self.store,
            [task["id"], JSON.text(of: task), JSON.text(of: ["error": reason]), task["created_at"], UnixTime.now])
    }
}
