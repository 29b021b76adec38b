/// The databases on which the current task holds a transaction.
///
/// If such a task changes the database outside of its transaction, the change waits for the end of the transaction. So
/// the task would wait for itself. For that reason, a queue in the database accepts messages from such a task only
/// through the transaction.
///
/// Only transactions of ``SQLDatabase/transaction(_:)`` count, and not those of ``SQLDatabase/begin()``.
public enum HeldDatabases {
    @TaskLocal private static var identities: [ObjectIdentifier] = []

    /// Returns true if the current task holds a transaction on a database.
    ///
    /// - Parameter database: the ``QueueDatabase/identity`` of the database.
    public static func contain(_ database: ObjectIdentifier) -> Bool { identities.contains(database) }

    /// Runs `body`.
    ///
    /// During this time, the task counts as one that holds a transaction on the database.
    static func holding<Result>(
        _ database: ObjectIdentifier?, _ body: () async throws -> Result
    ) async rethrows -> Result {
        guard let database else { return try await body() }
        return try await $identities.withValue(identities + [database], operation: body)
    }
}
