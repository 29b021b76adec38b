import Synchronization

/// A transaction that holds the writing connection, or has held it.
final class HeldTransaction: Sendable {
    private let state = Mutex<SQLiteError?>(nil)

    /// The error for calls that come after the transaction's end; nil before the end.
    var ending: SQLiteError? { state.withLock { $0 } }

    /// Ends the transaction.
    ///
    /// Only the first call has an effect.
    func end(_ reason: SQLiteError) {
        state.withLock { $0 = $0 ?? reason }
    }
}
