import CWippySQLite

/// The rows of a running query, one after another, read directly from the statement.
///
/// Use it only in the closure that receives it, on the thread that calls the closure. Columns are counted from 0. A
/// missing column reads as NULL. If you read a cell as another type, SQLite converts it.
public struct SQLiteCursor: ~Copyable {
    private let statement: SQLiteStatement
    private let arguments: [SQLiteValue]
    private var state = State.start

    private enum State {
        case start
        case atRow
        case end
    }

    init(_ statement: SQLiteStatement, arguments: [SQLiteValue]) {
        self.statement = statement
        self.arguments = arguments
    }

    /// Moves to the next row.
    ///
    /// The first call moves to the first row.
    ///
    /// - Returns: false if there are no more rows.
    /// - Throws: `SQLiteError` when the statement fails.
    public mutating func next() throws(SQLiteError) -> Bool {
        if state == .end { return false }
        let code = sqlite3_step(statement.handle)
        if state == .start {
            statement.readColumnNames()
        }
        switch code {
        case SQLITE_ROW:
            state = .atRow
            return true
        case SQLITE_DONE:
            state = .end
            return false
        default:
            state = .end
            throw SQLiteError.last(code, of: sqlite3_db_handle(statement.handle), hiding: arguments)
        }
    }

    /// The names of the columns in order, as the statement gives them.
    ///
    /// Read it only after the first call of ``next()``. Until then, it may be empty or out of date.
    public var columnNames: [String] { statement.columnNames }

    /// The number of columns.
    ///
    /// Read it only after the first call of ``next()``. Until then, it may be 0 or out of date.
    public var columnCount: Int { statement.columnNames.count }

    /// The type that the table declares for the column; nil if the table declares none, or if the column is an
    /// expression.
    public func declaredType(_ column: Int) -> String? {
        sqlite3_column_decltype(statement.handle, index(column)).map { String(cString: $0) }
    }

    /// The storage class of the cell.
    ///
    /// Call it before you read the cell as another type, because SQLite may convert the cell.
    public func storageClass(_ column: Int) -> SQLiteStorageClass {
        switch cellType(column) {
        case SQLITE_INTEGER: .integer
        case SQLITE_FLOAT: .real
        case SQLITE_TEXT: .text
        case SQLITE_BLOB: .blob
        default: .null
        }
    }

    /// The cell as an integer; 0 for NULL.
    public func integer(_ column: Int) -> Int64 {
        state == .atRow ? sqlite3_column_int64(statement.handle, index(column)) : 0
    }

    /// The cell as a floating-point number; 0 for NULL.
    public func real(_ column: Int) -> Double {
        state == .atRow ? sqlite3_column_double(statement.handle, index(column)) : 0
    }

    /// The cell as text; empty for NULL.
    ///
    /// Invalid UTF-8 becomes U+FFFD.
    public func text(_ column: Int) -> String {
        withText(column) { bytes in
            bytes.withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) }
        }
    }

    /// The cell as bytes: those of a blob, otherwise those of its text; empty for NULL.
    public func blob(_ column: Int) -> [UInt8] {
        guard state == .atRow, let start = sqlite3_column_blob(statement.handle, index(column)) else { return [] }
        return [UInt8](UnsafeRawBufferPointer(start: start, count: byteCount(column)))
    }

    /// Calls `body` with the cell's text as bytes in SQLite's memory, without a copy.
    ///
    /// The bytes should be UTF-8, but are not checked. For NULL there are none.
    public func withText<Result: ~Copyable, Failure: Error>(
        _ column: Int, _ body: (Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        guard state == .atRow, let start = sqlite3_column_text(statement.handle, index(column)) else {
            return try body(Span())
        }
        return try body(UnsafeBufferPointer(start: start, count: byteCount(column)).span)
    }

    /// The cell as its stored value.
    ///
    /// Call it before you read the cell as another type, because SQLite may convert the cell.
    public func value(_ column: Int) -> SQLiteValue {
        switch cellType(column) {
        case SQLITE_INTEGER: .integer(integer(column))
        case SQLITE_FLOAT: .real(real(column))
        case SQLITE_TEXT: .text(text(column))
        case SQLITE_BLOB: .blob(blob(column))
        default: .null
        }
    }

    /// The number of the cell's bytes, in the type in which it was last read.
    ///
    /// Before it is read, this is the stored type.
    func byteCount(_ column: Int) -> Int {
        Int(sqlite3_column_bytes(statement.handle, index(column)))
    }

    private func cellType(_ column: Int) -> CInt {
        state == .atRow ? sqlite3_column_type(statement.handle, index(column)) : SQLITE_NULL
    }

    private func index(_ column: Int) -> CInt {
        CInt(exactly: column) ?? -1
    }
}
