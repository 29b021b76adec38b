import Wippy

/// Handles a task from the queue: it does the task's work and stores the result.
///
/// A task is delivered at least once, so it can be stored twice. The second time changes nothing.
struct ProcessTask: MessageHandler {
    struct Config: EntryConfig {
        let delay: Duration

        init(from fields: inout FieldReader) {
            delay = fields.optional(
                "delay", default: .milliseconds(100), in: .zero ... .seconds(3600), "The time that the work takes.")
        }
    }

    private static let store: SQL = """
        INSERT INTO tasks (id, payload, status, result, created_at, processed_at)
        VALUES (?, ?, 'completed', ?, ?, ?)
        ON CONFLICT (id) DO NOTHING
        """

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
        let result = JSON.text(of: ["output": output(of: task)])
        try await database.execute(
            Self.store, [task["id"], JSON.text(of: task), result, task["created_at"], UnixTime.now])
    }

    private func output(of task: Value) -> Value {
        let data = task["data"]
        switch task["action"]?.string {
        case "uppercase": return .string((data?["text"]?.string ?? "").uppercased())
        case "sum": return sum(of: data?["numbers"]?.list ?? [])
        default: return "processed"
        }
    }

    /// Returns the sum of numbers.
    ///
    /// It is whole if all numbers are whole and the sum fits 64 bits; otherwise it is a float.
    private func sum(of numbers: [Value]) -> Value {
        var whole: Int? = 0
        var total = 0.0
        for number in numbers {
            let (value, isWhole) = (number.float ?? 0, number.integer)
            total += value
            whole = whole.flatMap { sum in
                isWhole.flatMap { next in
                    let (result, overflow) = sum.addingReportingOverflow(next)
                    return overflow ? nil : result
                }
            }
        }
        return whole.map(Value.integer) ?? .float(total)
    }
}
