import Wippy

/// What the ticker calls: publishes a message.
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

/// Makes the table, once at each start.
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

/// Writes a message to the table; one that comes again is there already.
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

/// `GET /ticks`: how many there were.
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

/// `DELETE /ticks`: forgets them, unless its database refuses that.
struct ForgetTicks: HTTPHandler {
    private let database: Database

    init(_ context: HandlerContext) throws {
        database = try context.database("db")
    }

    func handle(_ request: HTTPRequest) async throws -> HTTPResponse {
        do {
            return try .json(["forgotten": .integer(await database.execute("DELETE FROM ticks").rowsAffected)])
        } catch let error as WippyError where error.kind == .permissionDenied {
            throw HTTPError(.forbidden, error.message)
        }
    }
}
