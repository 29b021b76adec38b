import WippyText

/// A value as SQLite stores it: an argument for a parameter, or a cell of a result.
///
/// The five cases are SQLite's storage classes. A cell has the case of its stored value. The column may declare
/// another type, which ``SQLiteCursor/declaredType(_:)`` returns. Source: https://sqlite.org/datatype3.html.
public enum SQLiteValue: Sendable {
    /// SQL's NULL.
    case null
    /// A signed integer of 64 bits.
    case integer(Int64)
    /// A floating-point number.
    ///
    /// SQLite stores not-a-number as NULL. It keeps infinities.
    case real(Double)
    /// Text, which may contain NUL.
    ///
    /// When it is read, invalid UTF-8 becomes U+FFFD.
    case text(String)
    /// Bytes.
    ///
    /// An empty blob is not NULL.
    case blob([UInt8])
}

extension SQLiteValue: Hashable {
    /// True if both have the same case and equal content.
    ///
    /// Text is compared by its bytes.
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

    /// Hashes the case and the content.
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
    /// Creates NULL.
    public init(nilLiteral: ()) {
        self = .null
    }

    /// Creates an integer.
    public init(integerLiteral value: Int64) {
        self = .integer(value)
    }

    /// Creates a floating-point number.
    public init(floatLiteral value: Double) {
        self = .real(value)
    }

    /// Creates a text.
    public init(stringLiteral value: String) {
        self = .text(value)
    }
}

/// The storage class of a cell, for code that reads cell by cell.
public enum SQLiteStorageClass: Sendable, Hashable {
    /// The cell is NULL, or there is no such cell.
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

/// The number of rows that a statement has changed, and the rowid of its last new row.
public struct SQLiteChanges: Sendable, Hashable {
    /// The number of rows that the statement itself inserted, updated or deleted.
    ///
    /// Rows that triggers changed do not count. Neither do rows that a foreign key or `REPLACE` has removed.
    public let rowsAffected: Int

    /// The rowid of the last row that the statement inserted; 0 if the statement inserted no row with a rowid.
    public let lastInsertRowID: Int64
}
