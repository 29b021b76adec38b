import Wippy

/// Takes a task from the queue, does its work, and stores the result.
///
/// Delivery is at least once, so storing is safe to repeat: a task that is stored already stays as it is.
struct ProcessTask: MessageHandler {
    struct Config: EntryConfig {
        let delay: Duration

        init(from fields: inout FieldReader) {
            delay = fields.optional(
                "delay", default: .milliseconds(100), in: .zero ... .seconds(3600), "How long the work takes.")
        }
    }

    private let database: Database
    private let clock: any RuntimeClock
    private let delay: Duration

    init(_ context: HandlerContext) throws {
        database = try context.database("db")
        clock = context.clock
        delay = try context.config(Config.self).delay
    }

    func handle(_ task: Value, _ delivery: Delivery) async throws {
        try await clock.sleep(for: delay)
        try await database.execute(
            Insert(into: "tasks").columns("id", "payload", "status", "result", "created_at", "processed_at")
                .values(
                    task["id"] ?? .null, .string(JSON.text(task)), "completed", .string(JSON.text(result(of: task))),
                    task["created_at"] ?? .null, .integer(UnixTime.now))
                .onConflictDoNothing())
    }

    private func result(of task: Value) -> Value {
        let data = task["data"]
        return switch task["action"]?.string {
        case "uppercase": ["output": .string((data?["text"]?.string ?? "").uppercased())]
        case "sum": ["output": (data?["numbers"]?.list ?? []).reduce(.integer(0), sum)]
        default: ["output": "processed"]
        }
    }
}
