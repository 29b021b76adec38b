import WippyRuntime

/// Options of a transaction.
public struct SQLTransactionOptions: Sendable, Hashable {
    /// How far a transaction is isolated from other transactions.
    public enum Isolation: Sendable, Hashable {
        /// Reads may see uncommitted changes of other transactions.
        case readUncommitted
        /// Each statement sees the changes that others committed before it began.
        case readCommitted
        /// A row that is read twice is the same both times.
        case repeatableRead
        /// The transaction behaves as if it ran alone.
        case serializable
    }

    /// The weakest isolation that you accept; nil for the database's usual isolation.
    public var isolation: Isolation?

    /// Whether the transaction only reads.
    ///
    /// A change then throws `Invalid`.
    public var isReadOnly: Bool

    /// Creates options.
    ///
    /// By default the isolation is the database's usual one, and changes are allowed.
    public init(isolation: Isolation? = nil, isReadOnly: Bool = false) {
        self.isolation = isolation
        self.isReadOnly = isReadOnly
    }
}

/// A transaction: ``commit()`` keeps all of its changes; any other end undoes them.
///
/// After its end every call throws. The database rolls the transaction back when nothing refers to it any more, or when
/// it stays without a call for longer than the database allows.
public protocol SQLTransaction: SQLExecutor {
    /// Keeps the changes and ends the transaction.
    ///
    /// It runs to its end even if the task is cancelled, so you always know the result.
    func commit() async throws

    /// Undoes the changes and ends the transaction.
    ///
    /// It runs to its end even if the task is cancelled.
    func rollback() async throws

    /// Begins a part of the transaction that you can undo alone.
    ///
    /// Parts can nest. If two open parts have the same name, the name means the inner one. By default it runs
    /// `SAVEPOINT`.
    ///
    /// - Throws: `Invalid` for a name with anything but ASCII letters, digits and `_`.
    func savepoint(_ name: String) async throws

    /// Undoes all changes since the savepoint with this name.
    ///
    /// The savepoint stays.
    ///
    /// By default it runs `ROLLBACK TO SAVEPOINT`.
    func rollback(to savepoint: String) async throws

    /// Removes the savepoint with this name and those inside it, and keeps their changes.
    ///
    /// By default it runs `RELEASE SAVEPOINT`.
    func release(_ savepoint: String) async throws

    /// Runs `body` as a part of the transaction.
    ///
    /// If `body` throws, only the part's changes are undone.
    func savepoint<Result>(_ body: () async throws -> Result) async throws -> Result
}

extension SQLTransaction {
    /// By default it runs `SAVEPOINT`.
    public func savepoint(_ name: String) async throws {
        try await execute(SQLStatement("SAVEPOINT \(try Self.identifier(of: name))"))
    }

    /// By default it runs `ROLLBACK TO SAVEPOINT`.
    public func rollback(to savepoint: String) async throws {
        try await execute(SQLStatement("ROLLBACK TO SAVEPOINT \(try Self.identifier(of: savepoint))"))
    }

    /// By default it runs `RELEASE SAVEPOINT`.
    public func release(_ savepoint: String) async throws {
        try await execute(SQLStatement("RELEASE SAVEPOINT \(try Self.identifier(of: savepoint))"))
    }

    /// The savepoint's name in a statement.
    ///
    /// Its prefix keeps the name from being a keyword of SQL.
    private static func identifier(of savepoint: String) throws(WippyError) -> String {
        guard !savepoint.isEmpty, savepoint.utf8.allSatisfy(SQLName.isLetterOrDigit) else {
            throw WippyError(
                .invalid, "a savepoint's name must be ASCII letters, digits and '_'", isRetryable: false)
        }
        return "wippy_\(savepoint)"
    }

    /// By default, runs `body` inside a savepoint.
    ///
    /// If `body` throws, its changes are undone.
    public func savepoint<Result>(_ body: () async throws -> Result) async throws -> Result {
        try await savepoint("part")
        do {
            let result = try await body()
            try await release("part")
            return result
        } catch {
            // If a statement fails here, the transaction has ended already, and the part with it.
            await uncancelled {
                try? await rollback(to: "part")
                try? await release("part")
            }
            throw error
        }
    }
}
