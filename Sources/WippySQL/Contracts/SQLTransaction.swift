import WippyRuntime
import WippyText

/// Options of a transaction.
public struct SQLTransactionOptions: Sendable, Hashable {
    /// The isolation of a transaction from other transactions.
    public enum Isolation: Sendable, Hashable {
        /// Reads may see uncommitted changes of other transactions.
        case readUncommitted
        /// Each statement sees the changes that other transactions committed before the statement began.
        case readCommitted
        /// Other transactions do not change what a second reading of a row returns.
        case repeatableRead
        /// The transaction behaves as if it ran alone.
        case serializable
    }

    /// The weakest isolation that you accept; nil for the database's usual isolation.
    public var isolation: Isolation?

    /// True if the transaction only reads.
    ///
    /// Then a change throws `Invalid`.
    public var isReadOnly: Bool

    /// Creates options.
    ///
    /// By default, the isolation is the database's usual one, and changes are allowed.
    public init(isolation: Isolation? = nil, isReadOnly: Bool = false) {
        self.isolation = isolation
        self.isReadOnly = isReadOnly
    }

    /// Throws an error unless all options have their default values.
    ///
    /// Call it in `begin(_:)` of a database whose transactions have no options.
    ///
    /// - Throws: `WippyError` of kind `Invalid` if an option has another value.
    public func refuse() throws {
        guard self != SQLTransactionOptions() else { return }
        throw WippyError(
            .invalid, "the database supports neither isolation levels nor read-only transactions", isRetryable: false)
    }
}

/// A transaction of a database.
///
/// ``commit()`` keeps all changes of the transaction, or none. Any other end undoes them.
///
/// After the end of the transaction, every statement throws, and so does ``commit()``. The database rolls the
/// transaction back when nothing refers to it any more, or when no call comes for longer than the database allows.
public protocol SQLTransaction: SQLExecutor {
    /// Keeps the changes and ends the transaction.
    ///
    /// The commit runs to its end even if the task is cancelled.
    ///
    /// - Throws: the database's error, also when the transaction has ended already. After an error, the changes may be
    ///   kept all the same, for example because the connection was lost while the answer was on its way. So read
    ///   whether the work was done already before you repeat it.
    func commit() async throws

    /// Undoes the changes and ends the transaction. The rollback runs to its end even if the task is cancelled.
    func rollback() async throws

    /// Begins a part of the transaction that you can undo alone.
    ///
    /// Parts can nest. If two open parts have the same name, the name means the inner one. The default implementation
    /// runs `SAVEPOINT`.
    ///
    /// - Throws: `WippyError` of kind `Invalid` when the name is empty, or has other characters than ASCII letters,
    ///   digits and `_`; also the errors of ``SQLExecutor``.
    func savepoint(_ name: String) async throws

    /// Undoes all changes since the savepoint with this name. The savepoint stays.
    ///
    /// The default implementation runs `ROLLBACK TO SAVEPOINT`.
    func rollback(to savepoint: String) async throws

    /// Removes the savepoint with this name and those inside it. Their changes are kept.
    ///
    /// The default implementation runs `RELEASE SAVEPOINT`.
    func release(_ savepoint: String) async throws

    /// Runs `body` as a part of the transaction.
    ///
    /// If `body` throws, the changes of this part are undone.
    func savepoint<Result>(_ body: () async throws -> Result) async throws -> Result
}

extension SQLTransaction {
    /// Runs `SAVEPOINT`.
    public func savepoint(_ name: String) async throws {
        try await execute(SQLStatement("SAVEPOINT \(try Self.identifier(of: name))"))
    }

    /// Runs `ROLLBACK TO SAVEPOINT`.
    public func rollback(to savepoint: String) async throws {
        try await execute(SQLStatement("ROLLBACK TO SAVEPOINT \(try Self.identifier(of: savepoint))"))
    }

    /// Runs `RELEASE SAVEPOINT`.
    public func release(_ savepoint: String) async throws {
        try await execute(SQLStatement("RELEASE SAVEPOINT \(try Self.identifier(of: savepoint))"))
    }

    /// Returns the savepoint's name for a statement.
    ///
    /// The prefix keeps the name from being a keyword of SQL.
    private static func identifier(of savepoint: String) throws(WippyError) -> String {
        guard !savepoint.isEmpty, savepoint.utf8.allSatisfy(\.isWordPart) else {
            throw WippyError(
                .invalid, "a savepoint's name must be ASCII letters, digits and '_'", isRetryable: false)
        }
        return "wippy_\(savepoint)"
    }

    /// The name of the savepoints of closures, which should be nobody else's.
    private static var part: String { "wippy_closure" }

    /// Runs `body` inside a savepoint.
    ///
    /// If `body` throws, its changes are undone.
    public func savepoint<Result>(_ body: () async throws -> Result) async throws -> Result {
        try await savepoint(Self.part)
        do {
            let result = try await body()
            try await release(Self.part)
            return result
        } catch {
            // If a statement fails here, the transaction has ended already, and the part with it.
            await uncancelled {
                try? await rollback(to: Self.part)
                try? await release(Self.part)
            }
            throw error
        }
    }
}
