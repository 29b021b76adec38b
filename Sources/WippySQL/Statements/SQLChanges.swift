/// The changes of a statement: the number of rows, and the last inserted key.
public struct SQLChanges: Sendable, Hashable {
    /// The number of rows that the statement inserted, updated or deleted.
    ///
    /// Rows that triggers changed do not count.
    public let rowsAffected: Int

    /// The integer key of the row that was inserted last; 0 if the statement inserted no row, or if the database has no
    /// such keys.
    public let lastInsertID: Int

    /// Creates a description of changes.
    public init(rowsAffected: Int, lastInsertID: Int) {
        self.rowsAffected = rowsAffected
        self.lastInsertID = lastInsertID
    }
}
