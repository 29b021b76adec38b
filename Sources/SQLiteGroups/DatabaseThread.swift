import Glibc
import WippySystem
import WippyThreads

/// The threads on which statements run.
enum DatabaseThread {
    /// Runs `body` on a new thread.
    static func start(_ body: @escaping @Sendable () -> Void) throws(SQLiteError) {
        do throws(SystemThreadError) {
            try SystemThread.start(name: "sqlite", blocking: .all) {
                var priority = sched_param()
                // No thread of ours takes the processor from the one that woke it: on few cores, whoever submits goes
                // on submitting, and a group is more than one statement.
                pthread_setschedparam(pthread_self(), batchScheduling, &priority)
                body()
            }
        } catch {
            throw SQLiteError(
                .noMemory, "a thread for the database cannot be started: \(SystemError.words(for: error.number))")
        }
    }
}

/// SCHED_BATCH, a macro that Swift does not import.
private let batchScheduling: CInt = 3
