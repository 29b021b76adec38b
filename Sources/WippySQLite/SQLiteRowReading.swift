import SQLiteGroups
import WippyRuntime
import WippySQL
import WippyText
import WippyValues

/// An object that answers queries of SQLite: a database, or a transaction.
protocol SQLiteRowReader: SQLExecutor {
    /// The largest number of bytes in a result.
    var maxResultBytes: Int { get }

    /// Runs one statement. `read` reads the rows of the statement on the connection's thread.
    func query<Result: Sendable>(
        _ statement: SQLStatement, reading read: @escaping @Sendable (inout SQLiteCursor) throws -> Result
    ) async throws -> Result
}

extension SQLiteRowReader {
    func rows(_ statement: SQLStatement, atMost maxRows: Int) async throws -> SQLRows {
        let maxBytes = maxResultBytes
        return try await query(statement) { try SQLiteRowReading.rows(&$0, atMost: maxRows, maxBytes: maxBytes) }
    }

    func packedRows(_ statement: SQLStatement) async throws -> SQLPackedRows {
        let maxBytes = maxResultBytes
        return try await query(statement) { try SQLiteRowReading.packedRows(&$0, maxBytes: maxBytes) }
    }

    func json(_ statement: SQLStatement) async throws -> SQLJSON {
        let maxBytes = maxResultBytes
        return try await query(statement) { try SQLiteRowReading.json(&$0, maxBytes: maxBytes) }
    }
}

/// Reads results on the connection's thread.
enum SQLiteRowReading {
    /// Reads rows as values.
    ///
    /// - Parameters:
    ///   - maxRows: the largest number of rows. Later rows are not read.
    ///   - maxBytes: the largest number of bytes. A cell counts for 32 bytes, plus the bytes of its text or blob.
    static func rows(
        _ cursor: inout SQLiteCursor, atMost maxRows: Int, maxBytes: Int
    ) throws -> SQLRows {
        var cells: [Value] = []
        var columns: [SQLiteColumn] = []
        var count = 0
        var bytes = 0
        while count < maxRows, try cursor.next() {
            if count == 0 { columns = SQLiteColumn.all(of: cursor) }
            count += 1
            // The columns are borrowed from a span. An iteration would retain and release each column's name for each
            // cell.
            let span = columns.span
            for index in span.indices {
                let value = span[index].value(in: cursor)
                bytes += 32 + value.heldByteCount
                cells.append(value)
            }
            guard bytes <= maxBytes else { throw tooLarge(maxBytes) }
        }
        return SQLRows(columns: columns.map(\.name), cells: cells)
    }

    /// Reads rows without a value for each cell.
    ///
    /// - Parameter maxBytes: the largest number of bytes, as in ``rows(_:atMost:maxBytes:)``.
    static func packedRows(_ cursor: inout SQLiteCursor, maxBytes: Int) throws -> SQLPackedRows {
        guard try cursor.next() else { return SQLPackedRows(columns: []) }
        let columns = SQLiteColumn.all(of: cursor)
        var rows = SQLPackedRows(columns: columns.map(\.name))
        repeat {
            let span = columns.span
            for index in span.indices { span[index].append(cursor, to: &rows) }
            guard rows.cells.count * 32 + rows.bytes.count <= maxBytes else { throw tooLarge(maxBytes) }
        } while try cursor.next()
        return rows
    }

    /// Reads rows as JSON text.
    ///
    /// - Parameter maxBytes: the largest number of bytes in the text.
    static func json(_ cursor: inout SQLiteCursor, maxBytes: Int) throws -> SQLJSON {
        var buffer: [UInt8] = []
        buffer.reserveCapacity(4096)
        var writer = JSONWriter(appendingTo: buffer)
        var columns: [(key: JSONKey, column: SQLiteColumn)] = []
        var count = 0
        writer.beginList()
        while try cursor.next() {
            if count == 0 { columns = SQLiteColumn.keys(of: cursor) }
            count += 1
            writer.beginMap()
            let span = columns.span
            for index in span.indices { span[index].column.write(cursor, span[index].key, to: &writer) }
            writer.endMap()
            guard writer.count <= maxBytes else { throw tooLarge(maxBytes) }
        }
        writer.endList()
        return SQLJSON(bytes: writer.finish(), count: count)
    }

    private static func tooLarge(_ maxBytes: Int) -> WippyError {
        WippyError(.invalid, "the query's rows have more than \(maxBytes) bytes: use LIMIT", isRetryable: false)
    }
}

/// A column of a result.
private struct SQLiteColumn {
    let index: Int
    let name: String
    /// True if the table declares the column BOOLEAN.
    let isBoolean: Bool

    /// All columns in order.
    static func all(of cursor: borrowing SQLiteCursor) -> [SQLiteColumn] {
        var columns: [SQLiteColumn] = []
        for (index, name) in cursor.columnNames.enumerated() {
            let type = cursor.declaredType(index) ?? ""
            let isBoolean = type.utf8.count == 7 && type.lowercasedASCII == "boolean"
            columns.append(SQLiteColumn(index: index, name: name, isBoolean: isBoolean))
        }
        return columns
    }

    /// Returns the columns of a map, sorted by the bytes of their names.
    ///
    /// If several columns have the same name, only the last one is returned.
    static func keys(of cursor: borrowing SQLiteCursor) -> [(key: JSONKey, column: SQLiteColumn)] {
        var seen: Set<ExactText> = []
        let last = all(of: cursor).reversed().filter { seen.insert(ExactText($0.name)).inserted }
        return last.sorted { ExactText.precedes($0.name, $1.name) }.map { (JSONKey($0.name), $0) }
    }

    func value(in cursor: borrowing SQLiteCursor) -> Value {
        switch cursor.storageClass(index) {
        case .null: .null
        case .integer where isBoolean: .bool(cursor.integer(index) != 0)
        case .integer: .integer(Int(cursor.integer(index)))
        case .real: .float(cursor.real(index))
        case .text: .string(cursor.text(index))
        case .blob: .bytes(cursor.blob(index))
        }
    }

    /// Appends the cell.
    func append(_ cursor: borrowing SQLiteCursor, to rows: inout SQLPackedRows) {
        switch cursor.storageClass(index) {
        case .null: rows.append(.null)
        case .integer where isBoolean: rows.append(.bool(cursor.integer(index) != 0))
        case .integer: rows.append(.integer(Int(cursor.integer(index))))
        case .real: rows.append(.float(cursor.real(index)))
        case .text: cursor.withText(index) { rows.append(text: $0) }
        case .blob: rows.append(bytes: cursor.blob(index).span)
        }
    }

    /// Writes the key and the cell, or nothing if the cell is NULL.
    func write(_ cursor: borrowing SQLiteCursor, _ key: JSONKey, to writer: inout JSONWriter) {
        let storage = cursor.storageClass(index)
        if storage == .null { return }
        writer.key(key)
        switch storage {
        case .null: break
        case .integer where isBoolean: writer.bool(cursor.integer(index) != 0)
        case .integer: writer.integer(Int(cursor.integer(index)))
        case .real: writer.float(cursor.real(index))
        case .text: cursor.withText(index) { writer.string(utf8: $0) }
        case .blob: writer.base64(cursor.blob(index).span)
        }
    }
}

extension Value {
    /// The number of bytes that a cell's value holds in separate memory.
    fileprivate var heldByteCount: Int {
        switch self {
        case .string(let text): text.utf8.count
        case .bytes(let bytes): bytes.count
        default: 0
        }
    }
}
