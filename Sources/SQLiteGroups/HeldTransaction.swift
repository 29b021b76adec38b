import Synchronization

/// A transaction that holds the writing connection, or has held it.
final class HeldTransaction: Sendable {
    private let state = Mutex<SQLiteError?>(nil)

    /// The error with which calls are refused after its end; nil before it.
    var ending: SQLiteError? { state.withLock { $0 } }

    /// Ends the transaction.
    ///
    /// Only the first call counts.
    func end(_ reason: SQLiteError) {
        state.withLock { $0 = $0 ?? reason }
    }
}
