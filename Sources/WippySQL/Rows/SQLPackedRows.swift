import WippyValues

/// The rows of a query in a compact form, for code that reads each cell once and keeps no cells.
///
/// One array holds the texts and bytes of all cells.
public struct SQLPackedRows: Sendable {
    /// A cell of a row.
    ///
    /// A cell with text or bytes is a range of ``SQLPackedRows/bytes``.
    public enum Cell: Sendable, Hashable {
        /// NULL.
        case null
        /// A truth value; in SQLite, an integer in a column that is declared as `BOOLEAN`, in small or capital
        /// letters.
        case bool(Bool)
        /// An integer in the range of `Int`.
        case integer(Int)
        /// A floating-point number, even one without a fraction, or an integer above the range of `Int`.
        case float(Double)
        /// Text: the range of its UTF-8 in ``SQLPackedRows/bytes``.
        case text(Range<Int>)
        /// Bytes: their range in ``SQLPackedRows/bytes``.
        case bytes(Range<Int>)
    }

    /// The columns' names in the statement's order.
    ///
    /// A name can occur twice. The list can be empty if there are no rows.
    public let columns: [String]

    /// All cells, row by row.
    public private(set) var cells: [Cell] = []

    /// The texts and bytes of all cells, one after another.
    public private(set) var bytes: [UInt8] = []

    /// Creates a result without rows.
    ///
    /// Append one cell after another. Each row has one cell for each column.
    public init(columns: [String]) {
        self.columns = columns
        guard !columns.isEmpty else { return }
        cells.reserveCapacity(16 * columns.count)
        bytes.reserveCapacity(2048)
    }

    /// The number of rows.
    public var count: Int { columns.isEmpty ? 0 : cells.count / columns.count }

    /// Appends a cell that is neither text nor bytes.
    public mutating func append(_ cell: Cell) { cells.append(cell) }

    /// Appends a cell with text.
    ///
    /// Invalid UTF-8 becomes U+FFFD.
    public mutating func append(text: Span<UInt8>) {
        let start = bytes.count
        if (try? UTF8Span(validating: text)) != nil {
            copy(text)
        } else {
            let repaired = unsafe text.withUnsafeBufferPointer { unsafe String(decoding: $0, as: UTF8.self) }
            bytes += repaired.utf8
        }
        cells.append(.text(start..<bytes.count))
    }

    /// Appends a cell with bytes.
    public mutating func append(bytes content: Span<UInt8>) {
        let start = bytes.count
        copy(content)
        cells.append(.bytes(start..<bytes.count))
    }

    private mutating func copy(_ content: Span<UInt8>) {
        unsafe content.withUnsafeBufferPointer { unsafe bytes.append(contentsOf: $0) }
    }
}

extension SQLPackedRows {
    /// Packs rows of values.
    ///
    /// An integer above the greatest `Int` becomes a float. Lists and maps become NULL.
    public init(_ rows: SQLRows) {
        self.init(columns: rows.columns)
        for cell in rows.cells {
            switch cell {
            case .bool(let value): append(.bool(value))
            case .integer(let value): append(.integer(value))
            case .unsigned(let value): append(.float(Double(value)))
            case .float(let value): append(.float(value))
            case .string(let text): append(text: text.utf8.span)
            case .bytes(let bytes): append(bytes: bytes.span)
            case .null, .list, .map: append(.null)
            }
        }
    }
}
