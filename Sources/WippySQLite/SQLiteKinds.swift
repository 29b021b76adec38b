import SQLiteGroups
package import WippyDefinition
public import WippyRuntime
package import WippySQL

/// The kinds for SQLite.
public enum SQLiteKinds {
    /// The kind `db.sql.sqlite`: databases in a file or in memory.
    public static let all: [any ProgramPart] = [SQLiteKind()]

    /// Returns the database of an entry with a file and no other fields.
    ///
    /// The database is also its own service.
    package static func database(
        _ id: EntryID, file: String, in environment: RuntimeEnvironment
    ) -> any QueueDatabase & ManagedService {
        SQLiteService(
            id: id, settings: SQLiteSettings(path: file), executors: environment.executors, log: environment.log)
    }
}
