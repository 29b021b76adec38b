public import WippyRuntime
package import WippySQL

/// The kinds on SQLite.
public enum SQLiteKinds {
    /// Databases in a file or in memory.
    public static let all: [any EntryKind] = [SQLiteKind()]

    /// An open database in memory without an entry, gone when nothing refers to it any more: for tests.
    package static func databaseInMemory(among executors: any ExecutorProvider) async throws -> any SQLDatabase {
        try await SQLiteService.inMemory(among: executors)
    }
}
