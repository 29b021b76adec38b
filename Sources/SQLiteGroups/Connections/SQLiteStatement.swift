import CWippySQLite

/// A prepared statement of a connection.
///
/// Only the thread of that connection uses it.
final class SQLiteStatement {
    /// The effect of a statement, which decides where it may run and with which others.
    enum Effect {
        /// The statement only reads, so any connection may run it.
        case reads
        /// The statement inserts, updates or deletes rows. It may share a transaction with other callers' statements.
        case changesRows
        /// The statement does anything else (DDL, PRAGMA, VACUUM, a rollback of its own). The writer runs it alone.
        case runsAlone
    }

    let sql: String
    let effect: Effect

    /// True if the statement changes nothing.
    ///
    /// It may have to run on the writing connection nevertheless, like a PRAGMA that asks.
    let onlyReads: Bool

    /// True if the statement inserts rows itself, not only by triggers.
    let inserts: Bool

    /// True if the statement may run again later, for any caller.
    let isLasting: Bool

    let handle: OpaquePointer
    private(set) var columnNames: [String] = []
    private var columnsRead: CInt?
    private var boundBytes = 0

    init(_ handle: OpaquePointer, sql: String, effect: Effect, onlyReads: Bool, inserts: Bool, isLasting: Bool) {
        self.handle = handle
        self.sql = sql
        self.effect = effect
        self.onlyReads = onlyReads
        self.inserts = inserts
        self.isLasting = isLasting
    }

    deinit {
        sqlite3_finalize(handle)
    }

    /// The number of bytes that the statement takes in memory.
    var bytes: Int { Int(sqlite3_stmt_status(handle, SQLITE_STMTSTATUS_MEMUSED, 0)) + 2 * sql.utf8.count }

    /// Binds all parameters.
    ///
    /// - Throws: `invalid` if the number of values differs from the number of parameters, or if a value is too large.
    func bind(_ arguments: [SQLiteValue]) throws(SQLiteError) {
        let expected = Int(sqlite3_bind_parameter_count(handle))
        guard arguments.count == expected else {
            throw SQLiteError(
                .range, "the statement has \(expected) parameters, but \(arguments.count) arguments were given")
        }
        boundBytes = 0
        for (offset, argument) in arguments.enumerated() {
            let code = bind(argument, at: CInt(offset + 1))
            guard code == SQLITE_OK else { throw SQLiteError.last(code, of: sqlite3_db_handle(handle)) }
        }
    }

    private func bind(_ value: SQLiteValue, at index: CInt) -> CInt {
        switch value {
        case .null:
            return sqlite3_bind_null(handle, index)
        case .integer(let integer):
            return sqlite3_bind_int64(handle, index, integer)
        case .real(let real):
            return sqlite3_bind_double(handle, index, real)
        case .text(var text):
            return text.withUTF8 { bytes in
                boundBytes += bytes.count
                // A null pointer would bind NULL.
                guard let start = bytes.baseAddress, !bytes.isEmpty else {
                    return sqlite3_bind_text(handle, index, "", 0, Self.copied)
                }
                return start.withMemoryRebound(to: CChar.self, capacity: bytes.count) {
                    sqlite3_bind_text64(
                        handle, index, $0, UInt64(bytes.count), Self.copied, UInt8(SQLITE_UTF8))
                }
            }
        case .blob(let blob):
            boundBytes += blob.count
            guard !blob.isEmpty else { return sqlite3_bind_zeroblob(handle, index, 0) }
            return blob.withUnsafeBytes {
                sqlite3_bind_blob64(handle, index, $0.baseAddress, UInt64($0.count), Self.copied)
            }
        }
    }

    /// Runs to the next row.
    ///
    /// - Returns: false if there are no more rows.
    func step() throws(SQLiteError) -> Bool {
        switch sqlite3_step(handle) {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        case let code: throw SQLiteError.last(code, of: sqlite3_db_handle(handle))
        }
    }

    /// Ends the run, which releases its snapshot and locks.
    ///
    /// Small bound values stay until the next run overwrites them. Large ones are released now.
    func reset() {
        sqlite3_reset(handle)
        if boundBytes > Self.boundBytesKept {
            sqlite3_clear_bindings(handle)
        }
    }

    /// Reads the names of the columns if they may have changed.
    ///
    /// Call it after the first step. The names may have changed if SQLite has prepared the statement again, because
    /// of another schema.
    func readColumnNames() {
        let preparations = sqlite3_stmt_status(handle, SQLITE_STMTSTATUS_REPREPARE, 0)
        guard columnsRead != preparations else { return }
        columnsRead = preparations
        columnNames = (0..<sqlite3_column_count(handle)).map { column in
            sqlite3_column_name(handle, column).map { String(cString: $0) } ?? ""
        }
    }

    private static let boundBytesKept = 4096

    /// Tells SQLite to copy the bytes before the call returns.
    ///
    /// It is SQLITE_TRANSIENT, a cast that Swift does not import.
    private static let copied = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
}
