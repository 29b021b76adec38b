import WippyText

/// A value as SQLite stores it: the value of a placeholder or of a cell.
///
/// The five cases are SQLite's storage classes. A cell has the case of the stored value, not of the column's declared
/// type, which `SQLiteCursor.declaredType(_:)` tells. Source: https://sqlite.org/datatype3.html.
public enum SQLiteValue: Sendable {
    /// SQL's NULL.
    case null
    /// A signed integer of 64 bits.
    case integer(Int64)
    /// A floating-point number. SQLite stores NaN as NULL; infinities keep their value.
    case real(Double)
    /// Text, which may contain NUL. Invalid UTF-8 is read as U+FFFD.
    case text(String)
    /// Bytes. An empty blob is not NULL.
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

/// How a value is stored, for code that reads cell by cell.
public enum SQLiteStorageClass: Sendable, Hashable {
    /// NULL, or a missing cell.
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

/// What a statement has changed.
public struct SQLiteChanges: Sendable, Hashable {
    /// How many rows the statement itself inserted, updated or deleted, without those that triggers changed.
    public let rowsAffected: Int

    /// The rowid of the last inserted row; 0 if the statement inserted none, or only rows without a rowid.
    public let lastInsertRowID: Int64
}
