import CWippySQLite

/// The rows of a running query, one after another, read straight from the statement.
///
/// Use it only inside the closure of `SQLiteDatabase.query(_:_:reading:)`, on the reader's thread. Columns count from
/// 0, and a missing column reads as NULL. If you read a cell as another type, SQLite converts it: NULL reads as 0 or as
/// nothing, text as the number that it begins with.
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

    /// Moves to the next row; the first call moves to the first row.
    ///
    /// - Returns: False after the last row.
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

    /// The columns' names in order, as the statement gives them.
    ///
    /// They are known after the first call of `next()`.
    public var columnNames: [String] { statement.columnNames }

    /// How many columns each row has.
    ///
    /// It is known after the first call of `next()`.
    public var columnCount: Int { statement.columnNames.count }

    /// The type that the table declares for the column; nil for an expression.
    public func declaredType(_ column: Int) -> String? {
        sqlite3_column_decltype(statement.handle, index(column)).map { String(cString: $0) }
    }

    /// How the cell is stored.
    ///
    /// Ask before you read the cell as another type.
    public func storageClass(_ column: Int) -> SQLiteStorageClass {
        switch cellType(column) {
        case SQLITE_INTEGER: .integer
        case SQLITE_FLOAT: .real
        case SQLITE_TEXT: .text
        case SQLITE_BLOB: .blob
        default: .null
        }
    }

    /// The cell as an integer.
    public func integer(_ column: Int) -> Int64 {
        state == .atRow ? sqlite3_column_int64(statement.handle, index(column)) : 0
    }

    /// The cell as a floating-point number.
    public func real(_ column: Int) -> Double {
        state == .atRow ? sqlite3_column_double(statement.handle, index(column)) : 0
    }

    /// The cell as text.
    ///
    /// Invalid UTF-8 becomes U+FFFD.
    public func text(_ column: Int) -> String {
        withText(column) { bytes in
            bytes.withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) }
        }
    }

    /// The cell as bytes: those of a blob, or those of a text as stored.
    public func blob(_ column: Int) -> [UInt8] {
        guard state == .atRow, let start = sqlite3_column_blob(statement.handle, index(column)) else { return [] }
        return [UInt8](UnsafeRawBufferPointer(start: start, count: byteCount(column)))
    }

    /// The cell's text as the UTF-8 in SQLite's memory, without a copy.
    ///
    /// The bytes are not checked, and may be any bytes.
    public func withText<Result: ~Copyable, Failure: Error>(
        _ column: Int, _ body: (Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        guard state == .atRow, let start = sqlite3_column_text(statement.handle, index(column)) else {
            return try body(Span())
        }
        return try body(UnsafeBufferPointer(start: start, count: byteCount(column)).span)
    }

    /// The cell as it is stored.
    public func value(_ column: Int) -> SQLiteValue {
        switch cellType(column) {
        case SQLITE_INTEGER: .integer(integer(column))
        case SQLITE_FLOAT: .real(real(column))
        case SQLITE_TEXT: .text(text(column))
        case SQLITE_BLOB: .blob(blob(column))
        default: .null
        }
    }

    /// How many bytes the cell has as the type it was last read as, at first as it is stored.
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
