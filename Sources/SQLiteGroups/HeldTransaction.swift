import Synchronization

/// A transaction that has, or had, the writing connection to itself.
final class HeldTransaction: Sendable {
    private let state = Mutex<SQLiteError?>(nil)

    /// Why calls are refused, once it has ended.
    var ending: SQLiteError? { state.withLock { $0 } }

    /// Ends it; only the first ending counts.
    func end(_ reason: SQLiteError) {
        state.withLock { $0 = $0 ?? reason }
    }
}
