import WippyRuntime
import WippyText
import WippyValues

extension SQLRows {
    /// Decodes each row as a value of a type.
    ///
    /// - Throws: `WippyError` of kind `Invalid`, with the row and the problem, when a row does not fit; also the errors
    ///   of the type's own code.
    public func decoded<Row: Decodable>(as type: Row.Type) throws -> [Row] {
        try SQLRowDecoder.decode(type, from: self)
    }
}

/// Decodes values of `Decodable` types from the rows of a result.
///
/// Each key of a type reads the column with this name. A compiled type asks for its keys in the same order for every
/// row. So the decoder first looks at the column after the last one that it found. It makes no dictionary of a row. A
/// type that is one value (`Int`, `String?`) reads the first column.
final class SQLRowDecoder: Decoder {
    let userInfo: [CodingUserInfoKey: Any] = [:]
    let codingPath: [any CodingKey] = []
    /// The names of the columns.
    ///
    /// If several columns have a name, only the last of them keeps it, and the others have nil.
    fileprivate let columns: [ExactText?]
    private let cells: [Value]
    private var row = 0
    private var nextColumn = 0

    private init(_ rows: SQLRows) {
        columns = Self.lastOfEachName(rows.columns)
        cells = rows.cells
    }

    /// Decodes every row.
    static func decode<Row: Decodable>(_ type: Row.Type, from rows: SQLRows) throws -> [Row] {
        let decoder = SQLRowDecoder(rows)
        var decoded: [Row] = []
        decoded.reserveCapacity(rows.count)
        for row in rows.indices {
            decoder.row = row
            decoder.nextColumn = 0
            decoded.append(try decoder.decodeRow(type))
        }
        return decoded
    }

    private func decodeRow<Row: Decodable>(_ type: Row.Type) throws -> Row {
        do {
            return try Row(from: self)
        } catch let error as ValueCodingError {
            throw misfit(error.description)
        } catch let error as DecodingError {
            throw misfit(Self.sentence(for: error))
        }
    }

    private static func lastOfEachName(_ columns: [String]) -> [ExactText?] {
        var seen: Set<ExactText> = []
        let names: [ExactText] = columns.reversed().map { ExactText($0) }
        return names.map { seen.insert($0).inserted ? $0 : nil }.reversed()
    }

    /// Returns the cell of a column; nil if no column has this name.
    fileprivate func cell(_ name: String) -> Value? {
        let count = columns.count
        if nextColumn < count, let next = columns[nextColumn], ExactText.areEqual(next.string, name) {
            return cells[row * count + nextColumn]
        }
        guard let column = columns.firstIndex(of: ExactText(name)) else { return nil }
        nextColumn = column
        return cells[row * count + column]
    }

    /// Returns the cell of a column, and expects the following column to be read next.
    ///
    /// - Throws: an error when no column has this name.
    fileprivate func take(_ name: String) throws -> Value {
        guard let cell = cell(name) else {
            throw ValueCodingError(path: name, problem: "is not among the query's columns")
        }
        nextColumn += 1
        return cell
    }

    /// Returns the cell of a column as ``take(_:)`` does; nil if the cell is NULL or no column has this name.
    fileprivate func takeIfPresent(_ name: String) -> Value? {
        guard let cell = cell(name) else { return nil }
        nextColumn += 1
        if cell.isNull { return nil }
        return cell
    }

    fileprivate var firstCell: Value { columns.isEmpty ? .null : cells[row * columns.count] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        KeyedDecodingContainer(SQLRowContainer(decoder: self))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        throw misfit("it is read by its columns' names, not as a list")
    }

    func singleValueContainer() throws -> any SingleValueDecodingContainer {
        SQLCellContainer(cell: firstCell, name: columns.first??.string ?? "")
    }

    private func misfit(_ problem: String) -> WippyError {
        WippyError(.invalid, "row \(row + 1) cannot be decoded: \(problem)", isRetryable: false)
    }

    private static func sentence(for error: DecodingError) -> String {
        let (path, problem) =
            switch error {
            case .keyNotFound(let key, let context): (context.codingPath + [key], "is missing")
            case .valueNotFound(_, let context): (context.codingPath, "must not be NULL")
            case .typeMismatch(_, let context): (context.codingPath, "has another type than expected")
            case .dataCorrupted(let context): (context.codingPath, "has a value that is not allowed")
            @unknown default: ([], "has another shape than expected")
            }
        let name = path.map(\.stringValue).joined(separator: ".")
        return name.isEmpty ? "it \(problem)" : "'\(name)' \(problem)"
    }
}

/// A row, for a type that reads it by its keys.
private struct SQLRowContainer<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let decoder: SQLRowDecoder

    var codingPath: [any CodingKey] { [] }
    var allKeys: [Key] {
        decoder.columns.compactMap { column in
            guard let column else { return nil }
            return Key(stringValue: column.string).flatMap { ExactText($0.stringValue) == column ? $0 : nil }
        }
    }

    func contains(_ key: Key) -> Bool {
        decoder.cell(key.stringValue) != nil
    }

    func decodeNil(forKey key: Key) throws -> Bool {
        guard let cell = decoder.cell(key.stringValue) else { return true }
        return cell.isNull
    }

    // This method also satisfies the protocol's requirements for single types.
    func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T {
        let name = key.stringValue
        return try SQLCell.decode(type, decoder.take(name), name)
    }

    func decodeIfPresent<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T? {
        let name = key.stringValue
        guard let cell = decoder.takeIfPresent(name) else { return nil }
        return try SQLCell.decode(type, cell, name)
    }

    // The protocol's default implementations of these two methods throw an error.
    func decode(_ type: Int128.Type, forKey key: Key) throws -> Int128 {
        let name = key.stringValue
        return try SQLCell.decode(type, decoder.take(name), name)
    }

    func decode(_ type: UInt128.Type, forKey key: Key) throws -> UInt128 {
        let name = key.stringValue
        return try SQLCell.decode(type, decoder.take(name), name)
    }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type, forKey key: Key
    ) throws -> KeyedDecodingContainer<Nested> {
        throw flat(key)
    }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer { throw flat(key) }

    func superDecoder() throws -> any Decoder { decoder }

    func superDecoder(forKey key: Key) throws -> any Decoder { throw flat(key) }

    private func flat(_ key: Key) -> ValueCodingError {
        ValueCodingError(path: key.stringValue, problem: "is one cell and holds no further values")
    }
}

extension SQLRowContainer {
    // These methods are for the most frequent types. They need no check of the type for each cell.

    func decode(_ type: String.Type, forKey key: Key) throws -> String { try cell(of: key, SQLCell.string) }

    func decodeIfPresent(_ type: String.Type, forKey key: Key) throws -> String? {
        try cellIfPresent(of: key, SQLCell.string)
    }

    func decode(_ type: Int.Type, forKey key: Key) throws -> Int { try cell(of: key, SQLCell.integer) }

    func decodeIfPresent(_ type: Int.Type, forKey key: Key) throws -> Int? {
        try cellIfPresent(of: key, SQLCell.integer)
    }

    func decode(_ type: Double.Type, forKey key: Key) throws -> Double { try cell(of: key, SQLCell.double) }

    func decodeIfPresent(_ type: Double.Type, forKey key: Key) throws -> Double? {
        try cellIfPresent(of: key, SQLCell.double)
    }

    func decode(_ type: Bool.Type, forKey key: Key) throws -> Bool { try cell(of: key, SQLCell.bool) }

    func decodeIfPresent(_ type: Bool.Type, forKey key: Key) throws -> Bool? {
        try cellIfPresent(of: key, SQLCell.bool)
    }

    @inline(__always)
    private func cell<T>(of key: Key, _ read: (Value, String) throws -> T) throws -> T {
        let name = key.stringValue
        return try read(decoder.take(name), name)
    }

    @inline(__always)
    private func cellIfPresent<T>(of key: Key, _ read: (Value, String) throws -> T) throws -> T? {
        let name = key.stringValue
        return try decoder.takeIfPresent(name).map { try read($0, name) }
    }
}

/// A row's first cell, for a type that is one value.
private struct SQLCellContainer: SingleValueDecodingContainer {
    let cell: Value
    let name: String

    var codingPath: [any CodingKey] { [] }

    func decodeNil() -> Bool { cell.isNull }

    func decode<T: Decodable>(_ type: T.Type) throws -> T { try SQLCell.decode(type, cell, name) }

    func decode(_ type: Int128.Type) throws -> Int128 { try SQLCell.decode(type, cell, name) }

    func decode(_ type: UInt128.Type) throws -> UInt128 { try SQLCell.decode(type, cell, name) }
}

/// Reads a cell as a value of a Swift type.
private enum SQLCell {
    static func string(_ cell: Value, _ name: String) throws -> String {
        if case .string(let text) = cell { return text }
        return try decode(String.self, cell, name)
    }

    static func integer(_ cell: Value, _ name: String) throws -> Int {
        if case .integer(let number) = cell { return number }
        return try decode(Int.self, cell, name)
    }

    static func double(_ cell: Value, _ name: String) throws -> Double {
        if case .float(let number) = cell { return number }
        return try decode(Double.self, cell, name)
    }

    static func bool(_ cell: Value, _ name: String) throws -> Bool {
        if case .bool(let truth) = cell { return truth }
        return try decode(Bool.self, cell, name)
    }

    /// Reads a cell as any type, as `ValueDecoder` does.
    ///
    /// 0 and 1 also count as truth values.
    static func decode<T: Decodable>(_ type: T.Type, _ cell: Value, _ name: String) throws -> T {
        var cell = cell
        // Not every column of truth values is declared BOOLEAN.
        if type == Bool.self, case .integer(let number) = cell, number == 0 || number == 1 {
            cell = .bool(number == 1)
        }
        do {
            return try ValueDecoder().decode(type, from: cell)
        } catch let error as ValueCodingError {
            let path = error.path.isEmpty ? name : "\(name).\(error.path)"
            throw ValueCodingError(path: path, problem: error.problem)
        }
    }
}
