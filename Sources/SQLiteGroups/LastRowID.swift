import CWippySQLite

/// The row id of what was inserted last, told apart by who inserted it.
///
/// SQLite has one row id for each connection, and a statement that inserts no row with an id leaves it as it was. Here
/// it is 0 before each statement, so that what it is afterwards is the statement's own. The row id before is kept
/// aside, for SQL's `last_insert_rowid()` in the same transaction or script; statements of others see 0.
///
/// Used by its connection's thread only.
final class LastRowID {
    private let connection: OpaquePointer
    private var earlier: Int64 = 0

    /// Puts its own `last_insert_rowid()` in the place of SQLite's; has to live as long as the connection.
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

    /// The row id of the last row that the statement since ``beginStatement(isInTransaction:)`` has inserted by itself.
    ///
    /// 0 if there is none, or it has no id.
    var current: Int64 { sqlite3_last_insert_rowid(connection) }

    /// What SQL is told.
    private var visible: Int64 { current == 0 ? earlier : current }

    /// Before a statement.
    ///
    /// - Parameter isInTransaction: Whether the one before it was of the same caller's transaction.
    func beginStatement(isInTransaction: Bool) {
        earlier = isInTransaction ? visible : 0
        sqlite3_set_last_insert_rowid(connection, 0)
    }
}
