import WippySystem
import WippyThreads

/// The threads on which statements run.
enum DatabaseThread {
    /// Runs `body` on a new thread.
    static func start(_ body: @escaping @Sendable () -> Void) throws(SQLiteError) {
        do throws(SystemThreadError) {
            try SystemThread.start(name: "sqlite", blocking: .all) {
                // Whoever submits goes on submitting, and a group is more than one statement.
                SystemThread.useBatchScheduling()
                body()
            }
        } catch {
            throw SQLiteError(
                .noMemory, "cannot start a thread for the database: \(SystemError.words(for: error.number))")
        }
    }
}
