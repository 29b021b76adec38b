import Wippy

/// Runs a step (``SQLExecutor/run(_:)``) on the database by itself; counts those that have begun.
struct Statement: HTTPHandler {
    private let database: Database

    init(_ context: HandlerContext) throws {
        database = try context.database("db")
    }

    func handle(_ request: HTTPRequest) async throws -> HTTPResponse {
        let step = try await request.json()
        request.count("begun")
        return try await request.answering { try await database.run(step) }
    }
}

extension SQLExecutor {
    /// Runs what the test asks for, and gives its result as JSON text.
    ///
    /// `{"sql": …, "arguments": […]}` changes rows and gives their number; with `"reads": true` the result is the rows,
    /// and with `"script": true` the text may be several statements.
    func run(_ step: Value) async throws -> [UInt8] {
        let statement = SQLStatement(step["sql"]?.string ?? "", step["arguments"]?.list ?? [])
        if step["reads"]?.bool == true { return try await json(statement).bytes }
        if step["script"]?.bool == true {
            try await execute(script: statement)
            return Array("{}".utf8)
        }
        let changes = try await execute(statement)
        return try JSON.encode(["changed": .integer(changes.rowsAffected), "id": .integer(changes.lastInsertID)])
    }
}

extension HTTPRequest {
    /// Answers with the JSON text that `body` gives.
    ///
    /// An error of it is 500 with its kind and whether the same call may succeed later. Counts cancelled calls.
    func answering(_ body: () async throws -> [UInt8]) async throws -> HTTPResponse {
        do {
            return .json(encoded: try await body())
        } catch let error as WippyError {
            let isRetryable = error.isRetryable.map { Value.bool($0) } ?? .null
            return try .json(
                ["kind": .string("\(error.kind)"), "retryable": isRetryable, "message": .string(error.message)],
                status: .internalServerError)
        } catch let error as CancellationError {
            count("cancelled")
            throw error
        }
    }
}
