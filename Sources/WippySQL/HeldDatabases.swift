import Synchronization
import WippyMessaging

/// The databases on which the current task holds a transaction.
///
/// If such a task changes the database outside of its transaction, the change may wait for the end of the transaction.
/// Then the task waits for itself. For that reason, a durable queue in the database accepts messages from such a task
/// only through the transaction.
///
/// A task holds a transaction within ``SQLDatabase/transaction(_:)``, and within ``holding(_:publishingBy:_:)``. A
/// transaction of ``SQLDatabase/begin()`` alone does not count, because any task can end it.
public enum HeldDatabases {
    private final class Held: Sendable {
        let database: ObjectIdentifier
        /// The call that publishes in the transaction, as the author of the task's code writes it.
        let publishingCall: String
        /// True if the work has ended, although a task that was started in it may go on.
        let hasEnded = Atomic(false)

        init(_ database: ObjectIdentifier, publishingCall: String) {
            (self.database, self.publishingCall) = (database, publishingCall)
        }
    }

    @TaskLocal private static var held: [Held] = []

    /// Returns true if the current task holds a transaction on a database.
    ///
    /// A task that was started with `Task { … }` within the transaction counts until the transaction ends.
    ///
    /// - Parameter database: the ``QueueDatabase/identity`` of the database.
    public static func contain(_ database: ObjectIdentifier) -> Bool { publishingCall(on: database) != nil }

    /// Returns the call by which the current task can publish to a queue in a database, such as `transaction.publish`;
    /// nil if the task holds no transaction on the database.
    ///
    /// A queue that refuses a message of such a task names the call in its error.
    ///
    /// - Parameter database: the ``QueueDatabase/identity`` of the database.
    public static func publishingCall(on database: ObjectIdentifier) -> String? {
        held.last { $0.database == database && !$0.hasEnded.load(ordering: .relaxed) }?.publishingCall
    }

    /// Runs `body`.
    ///
    /// During this time, the task counts as one that holds a transaction on each of the databases. Code that keeps a
    /// transaction of ``SQLDatabase/begin()`` open for others, such as a module for scripts, calls this method around
    /// their work.
    ///
    /// - Parameters:
    ///   - databases: the ``QueueDatabase/identity`` of each database.
    ///   - call: the call by which this work can publish in the transaction, for the error of a queue that refuses
    ///     another call. Default: `transaction.publish`.
    ///   - body: the work.
    public static func holding<Result>(
        _ databases: [ObjectIdentifier], publishingBy call: String = "transaction.publish",
        _ body: () async throws -> Result
    ) async rethrows -> Result {
        guard !databases.isEmpty else { return try await body() }
        let added = databases.map { Held($0, publishingCall: call) }
        defer { for held in added { held.hasEnded.store(true, ordering: .relaxed) } }
        return try await $held.withValue(held + added, operation: body)
    }
}
