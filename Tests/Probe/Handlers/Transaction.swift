import Wippy

/// Holds a transaction over the steps of the body, which are those of ``SQLExecutor/run(_:)`` or `{"wait": milliseconds}`.
///
/// It is kept at the end, and undone at the first error. Counts those that have begun.
struct Transaction: HTTPHandler {
    private let database: Database
    private let clock: any RuntimeClock

    init(_ context: HandlerContext) throws {
        database = try context.database("db")
        clock = context.clock
    }

    func handle(_ request: HTTPRequest) async throws -> HTTPResponse {
        let steps = try await request.json().list ?? []
        return try await request.answering {
            try await database.transaction { transaction in
                request.count("begun")
                for step in steps {
                    if let wait = step["wait"]?.integer {
                        try await clock.sleep(for: .milliseconds(wait))
                    } else {
                        _ = try await transaction.run(step)
                    }
                }
            }
            return Array("{}".utf8)
        }
    }
}
