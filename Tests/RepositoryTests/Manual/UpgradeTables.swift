import Wippy

/// Makes the tables at the first start, and changes them after an upgrade of the program.
struct UpgradeTables: ProcessHandler {
    private let database: Database

    init(_ context: HandlerContext) throws {
        database = try context.database("db")
    }

    func run(_ process: ProcessContext) async throws -> Int {
        try await database.transaction { transaction in
            let version = try await transaction.first("PRAGMA user_version", as: Int.self) ?? 0
            if version < 1 {
                try await transaction.execute("CREATE TABLE orders (id TEXT PRIMARY KEY)")
            }
            if version < 2 {
                try await transaction.execute("ALTER TABLE orders ADD COLUMN total INTEGER NOT NULL DEFAULT 0")
            }
            try await transaction.execute("PRAGMA user_version = 2")
        }
        return 0
    }
}
