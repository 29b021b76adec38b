import CWippySQLite

/// The rows of a running query, one after another, read straight from the statement.
///
/// It exists inside the closure of `SQLiteDatabase.query(_:_:reading:)` only, on the reader's thread. Columns count
/// from 0; a column that the rows do not have reads as NULL. Reading a cell as another type than its own converts it as
/// SQLite does: NULL reads as 0 or as nothing, text as the number it begins with.
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

    /// Goes to the next row; at first to the first one.
    ///
    /// - Returns: False past the last row, and from then on.
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

    /// The columns' names in order, as the statement gives them; known from the first call of `next()`.
    public var columnNames: [String] { statement.columnNames }

    /// How many columns each row has; known from the first call of `next()`.
    public var columnCount: Int { statement.columnNames.count }

    /// The type that the table declares for the column, as written there, or nil for an expression.
    public func declaredType(_ column: Int) -> String? {
        sqlite3_column_decltype(statement.handle, index(column)).map { String(cString: $0) }
    }

    /// How the cell is stored, to be asked before the cell is read as another type.
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

    /// The cell as text; bytes that are not UTF-8 become U+FFFD.
    public func text(_ column: Int) -> String {
        withText(column) { bytes in
            bytes.withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) }
        }
    }

    /// The cell as bytes: a blob's, or a text's as they are stored.
    public func blob(_ column: Int) -> [UInt8] {
        guard state == .atRow, let start = sqlite3_column_blob(statement.handle, index(column)) else { return [] }
        return [UInt8](UnsafeRawBufferPointer(start: start, count: byteCount(column)))
    }

    /// The cell's text as the UTF-8 that SQLite holds, without a copy.
    ///
    /// The bytes are not checked: what was stored as text may be any bytes.
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
