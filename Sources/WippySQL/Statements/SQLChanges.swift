/// The changes of a statement: the number of rows, and the last inserted key.
public struct SQLChanges: Sendable, Hashable {
    /// The number of rows that the statement itself inserted, updated or deleted.
    public let rowsAffected: Int

    /// The integer key of the row that the statement inserted last; 0 if there is none.
    ///
    /// In SQLite, it is the rowid.
    public let lastInsertID: Int

    /// Creates a description of changes.
    public init(rowsAffected: Int, lastInsertID: Int) {
        self.rowsAffected = rowsAffected
        self.lastInsertID = lastInsertID
    }
}
