import CWippySQLite

/// The row id of the last inserted row, kept separately for each caller.
///
/// SQLite has one row id for each connection. A statement that inserts no row with an id leaves it unchanged. So it
/// is set to 0 before each statement, and the value afterwards belongs to the statement. The earlier row id is kept
/// for SQL's `last_insert_rowid()` in the same transaction or script. Statements of other callers see 0.
///
/// Only the thread of its connection uses it.
final class LastRowID {
    private let connection: OpaquePointer
    private var earlier: Int64 = 0

    /// Replaces SQLite's `last_insert_rowid()`.
    ///
    /// This object must live as long as the connection.
    init(of connection: OpaquePointer) {
        self.connection = connection
        sqlite3_create_function_v2(
            connection, "last_insert_rowid", 0, SQLITE_UTF8 | SQLITE_INNOCUOUS,
            Unmanaged.passUnretained(self).toOpaque(),
            { context, _, _ in
                guard let user = sqlite3_user_data(context) else { return }
                sqlite3_result_int64(context, Unmanaged<LastRowID>.fromOpaque(user).takeUnretainedValue().visible)
            }, nil, nil, nil)
    }

    /// The row id of the last row that the current statement has inserted itself, not by a trigger.
    ///
    /// The current statement is the one since ``beginStatement(isInTransaction:)``. The row id is 0 if there is no
    /// such row, or if the row has no id.
    var current: Int64 { sqlite3_last_insert_rowid(connection) }

    /// The value of `last_insert_rowid()` in SQL.
    private var visible: Int64 { current == 0 ? earlier : current }

    /// Call this method before each statement.
    ///
    /// - Parameter isInTransaction: true if the previous statement belongs to the same caller's transaction.
    func beginStatement(isInTransaction: Bool) {
        earlier = isInTransaction ? visible : 0
        sqlite3_set_last_insert_rowid(connection, 0)
    }
}
