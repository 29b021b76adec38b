import Wippy

/// Creates the table at the first start.
///
/// Later starts find it there.
struct Migrate: ProcessHandler {
    private let database: Database
    private let log: Log

    init(_ context: HandlerContext) throws {
        database = try context.database("db")
        log = context.log
    }

    func run(_ process: ProcessContext) async throws -> Int {
        try await database.execute(
            script:
                """
                CREATE TABLE IF NOT EXISTS tasks (
                    id TEXT PRIMARY KEY,
                    payload TEXT NOT NULL,
                    status TEXT NOT NULL DEFAULT 'pending',
                    result TEXT,
                    created_at INTEGER NOT NULL,
                    processed_at INTEGER
                );
                CREATE INDEX IF NOT EXISTS tasks_created_at ON tasks (created_at);
                """)
        log.info("migration complete")
        return 0
    }
}
