import Wippy

/// Creates the table, once at each start.
struct Migrate: ProcessHandler {
    private let database: Database

    init(_ context: HandlerContext) throws {
        database = try context.database("db")
    }

    func run(_ process: ProcessContext) async throws -> Int {
        try await database.execute(
            script: """
                CREATE TABLE IF NOT EXISTS notes (
                    id TEXT PRIMARY KEY, text TEXT NOT NULL, words INTEGER NOT NULL, author TEXT
                )
                """)
        return 0
    }
}
