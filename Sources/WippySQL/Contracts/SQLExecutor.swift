import WippyValues

/// A database, or a transaction of a database, that runs statements.
///
/// A database driver implements the requirements, which take a text and its values. Callers use the methods that take
/// ``SQL`` or a builder. These methods bind every value, so a value never becomes a part of the text by accident.
///
/// A call may suspend, but does not block its thread. It can throw a `WippyError`:
/// - `AlreadyExists`: a row with this key exists already;
/// - `Invalid`: the statement or its arguments are wrong, another constraint refuses them, or the rows are too large;
/// - `Unavailable`, retryable: the database cannot do this now, for example because it is locked or not running;
/// - `PermissionDenied`: the process may not use the file, or the statement is not allowed;
/// - `Internal`: the database is damaged, or failed for a reason that the caller cannot change.
///
/// It can also throw a `CancellationError`. When the task is cancelled, a call that has not begun is withdrawn, and a
/// query may be interrupted. A change that has begun runs to its end, and the call returns its result. A single
/// statement that still waits for a lock of another connection has not begun. A driver must not put an argument into
/// the text of an error.
///
/// After an error of kind `Unavailable` or `Internal`, a change may be kept all the same. This can happen if the driver
/// cannot know what has become of the change, for example because the connection was lost while the answer was on its
/// way.
public protocol SQLExecutor: Sendable {
    /// The style of the parameters in the database's statements.
    var parameterStyle: SQLParameterStyle { get }

    /// The database's product.
    ///
    /// Default: ``SQLProduct/unknown``.
    var product: SQLProduct { get }

    /// Checks a statement without running it.
    ///
    /// The default implementation checks nothing.
    ///
    /// - Throws: the errors that the database finds without running the statement, such as a missing table.
    func check(_ text: String) async throws

    /// Runs one statement and ignores its rows.
    @discardableResult
    func execute(_ statement: SQLStatement) async throws -> SQLChanges

    /// Runs the statements of a script in order, and stops at the first that fails.
    ///
    /// - Throws: `WippyError` of kind `Invalid` when the script has arguments; also the errors of a statement.
    func execute(script: SQLStatement) async throws

    /// Runs one statement and returns at most `maxRows` of its rows.
    func rows(_ statement: SQLStatement, atMost maxRows: Int) async throws -> SQLRows

    /// Runs one statement and returns its rows in a compact form, without a value for each cell.
    ///
    /// The default implementation reads the rows as values first.
    func packedRows(_ statement: SQLStatement) async throws -> SQLPackedRows

    /// Runs one statement and returns its rows as JSON text.
    ///
    /// The default implementation reads the rows as values first.
    func json(_ statement: SQLStatement) async throws -> SQLJSON
}

extension SQLExecutor {
    /// The default: unknown.
    public var product: SQLProduct { .unknown }

    /// Checks nothing.
    public func check(_ text: String) async throws {}

    /// Runs the statement, reads its rows as values, and packs the values.
    public func packedRows(_ statement: SQLStatement) async throws -> SQLPackedRows {
        SQLPackedRows(try await rows(statement, atMost: .max))
    }

    /// Runs the statement, reads its rows as values, and writes the values as JSON text.
    public func json(_ statement: SQLStatement) async throws -> SQLJSON {
        let rows = try await rows(statement, atMost: .max)
        let maps = rows.map { row in
            // The last column of a name counts, even if it is NULL.
            let cells = ValueMap(Array(zip(row.columns, row.cells)), onRepeatedKey: .keepLast)
            return Value.map(
                ValueMap(uniqueSortedPairs: cells.compactMap { name, cell in cell == .null ? nil : (name, cell) }))
        }
        return SQLJSON(bytes: Array(JSON.text(of: .list(maps)).utf8), count: maps.count)
    }
}
