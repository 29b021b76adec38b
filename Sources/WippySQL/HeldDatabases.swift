/// The databases on which the current task holds a transaction.
///
/// If such a task changes the database outside the transaction, the change waits for the transaction to end. So the
/// task would wait for itself.
package enum HeldDatabases {
    @TaskLocal private static var identities: [ObjectIdentifier] = []

    /// Whether the task holds a transaction on a database.
    package static func contain(_ database: ObjectIdentifier) -> Bool { identities.contains(database) }

    /// Runs `body`, and marks its task as one that holds a transaction on a database.
    static func holding<Result>(
        _ database: ObjectIdentifier?, _ body: () async throws -> Result
    ) async rethrows -> Result {
        guard let database else { return try await body() }
        return try await $identities.withValue(identities + [database], operation: body)
    }
}
