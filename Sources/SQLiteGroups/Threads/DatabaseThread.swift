import WippySystem
import WippyThreads

/// The threads on which statements run.
enum DatabaseThread {
    /// Runs `body` on a new thread.
    static func start(_ body: @escaping @Sendable () -> Void) throws(SQLiteError) {
        do throws(SystemThreadError) {
            try SystemThread.start(name: "sqlite", blocking: .all) {
                // Callers submit more calls meanwhile, and a group should have more than one statement.
                SystemThread.useBatchScheduling()
                body()
            }
        } catch {
            throw SQLiteError(
                .noMemory, "cannot start a thread for the database: \(SystemError.words(for: error.number))")
        }
    }
}
