import WippyText

/// A value as SQLite stores it: what is bound to a placeholder and what a cell holds.
///
/// The five cases are SQLite's storage classes. A cell's case is that of the stored value, not of the column's declared
/// type; `SQLiteCursor.declaredType(_:)` tells the latter. Source: https://sqlite.org/datatype3.html.
public enum SQLiteValue: Sendable {
    /// SQL's NULL.
    case null
    /// A signed integer of 64 bits.
    case integer(Int64)
    /// A floating-point number. SQLite stores NaN as NULL; infinities keep their value.
    case real(Double)
    /// Text, which may hold NUL. Stored bytes that are not UTF-8 are read as U+FFFD.
    case text(String)
    /// Bytes as they are. An empty blob is not NULL.
    case blob([UInt8])
}

extension SQLiteValue: Hashable {
    /// Whether both have the same case and the same content, text by its bytes.
    public static func == (left: SQLiteValue, right: SQLiteValue) -> Bool {
        switch (left, right) {
        case (.null, .null): true
        case (.integer(let left), .integer(let right)): left == right
        case (.real(let left), .real(let right)): left == right
        case (.text(let left), .text(let right)): ExactText.areEqual(left, right)
        case (.blob(let left), .blob(let right)): left == right
        default: false
        }
    }

    /// Feeds the case and the content to the hasher.
    public func hash(into hasher: inout Hasher) {
        switch self {
        case .null: hasher.combine(0)
        case .integer(let value):
            hasher.combine(1)
            hasher.combine(value)
        case .real(let value):
            hasher.combine(2)
            hasher.combine(value)
        case .text(let value):
            hasher.combine(3)
            ExactText.hash(value, into: &hasher)
        case .blob(let value):
            hasher.combine(4)
            hasher.combine(value)
        }
    }
}

extension SQLiteValue: ExpressibleByNilLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
    ExpressibleByStringLiteral
{
    /// NULL.
    public init(nilLiteral: ()) {
        self = .null
    }

    /// An integer.
    public init(integerLiteral value: Int64) {
        self = .integer(value)
    }

    /// A floating-point number.
    public init(floatLiteral value: Double) {
        self = .real(value)
    }

    /// Text.
    public init(stringLiteral value: String) {
        self = .text(value)
    }
}

/// How a value is stored, for readers that go cell by cell.
public enum SQLiteStorageClass: Sendable, Hashable {
    /// NULL, or a cell that the row does not have.
    case null
    /// A signed integer of 64 bits.
    case integer
    /// A floating-point number.
    case real
    /// Text in UTF-8.
    case text
    /// Bytes.
    case blob
}

/// What a statement changed.
public struct SQLiteChanges: Sendable, Hashable {
    /// The rows inserted, updated or deleted by the statement itself, without those that triggers changed; 0 for
    /// statements that change no rows.
    public let rowsAffected: Int

    /// The rowid of the last row that the statement inserted; 0 if it inserted none, or only rows without a rowid.
    public let lastInsertRowID: Int64
}
