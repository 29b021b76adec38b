import Wippy

/// Publishes a message.
///
/// The ticker calls this function.
struct Tick: FunctionHandler {
    private let ticks: Queue

    init(_ context: HandlerContext) throws {
        ticks = try context.queue("ticks")
    }

    func call(_ input: Value) async throws -> Value {
        try await ticks.publish(["text": "tick"])
        return .null
    }
}

/// Creates the table, once at each start.
struct MakeTable: ProcessHandler {
    private let database: Database

    init(_ context: HandlerContext) throws {
        database = try context.database("db")
    }

    func run(_ process: ProcessContext) async throws -> Int {
        try await database.execute(script: "CREATE TABLE IF NOT EXISTS ticks (id TEXT PRIMARY KEY, text TEXT NOT NULL)")
        return 0
    }
}

/// Writes a message to the table.
///
/// A message that comes again does not change the table.
struct KeepTick: MessageHandler {
    struct Body: Decodable {
        let text: String
    }

    private let database: Database

    init(_ context: HandlerContext) throws {
        database = try context.database("db")
    }

    func handle(_ body: Body, _ delivery: Delivery) async throws {
        try await database.execute(
            "INSERT OR IGNORE INTO ticks (id, text) VALUES (\(delivery.message.id), \(body.text))")
    }
}

/// `GET /ticks`: returns the number of ticks.
struct ListTicks: HTTPHandler {
    private let database: Database

    init(_ context: HandlerContext) throws {
        database = try context.database("db")
    }

    func handle(_ request: HTTPRequest) async throws -> HTTPResponse {
        let count = try await database.first("SELECT count(*) FROM ticks", as: Int.self) ?? 0
        return try .json(["count": .integer(count)])
    }
}

/// `DELETE /ticks`: deletes the ticks, if the database allows it.
struct ForgetTicks: HTTPHandler {
    private let database: Database

    init(_ context: HandlerContext) throws {
        database = try context.database("db")
    }

    func handle(_ request: HTTPRequest) async throws -> HTTPResponse {
        do {
            return try .json(["forgotten": .integer(await database.execute("DELETE FROM ticks").rowsAffected)])
        } catch let error as WippyError where error.kind == .invalid {
            throw HTTPError(.forbidden, error.message)
        }
    }
}
