import Glibc

/// SCHED_BATCH, a macro that Swift does not import.
private let batchScheduling: CInt = 3

/// Threads for work that blocks.
enum WorkerThread {
    /// Runs `body` on a new thread that takes no signals, so that they reach the program's own threads.
    static func start(_ body: @escaping @Sendable () -> Void) throws(SQLiteError) {
        let start = Unmanaged.passRetained(Start(body))
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setdetachstate(&attributes, CInt(PTHREAD_CREATE_DETACHED))
        var signals = sigset_t()
        var previous = sigset_t()
        sigfillset(&signals)
        pthread_sigmask(SIG_BLOCK, &signals, &previous)
        defer { pthread_sigmask(SIG_SETMASK, &previous, nil) }
        var thread = pthread_t()
        let result = pthread_create(
            &thread, &attributes,
            { context in
                guard let context else { return nil }
                let start = Unmanaged<Start>.fromOpaque(context).takeRetainedValue()
                var priority = sched_param()
                // No thread of ours takes the processor from the one that woke it: on few cores, whoever submits goes
                // on submitting, and a group is more than one statement.
                pthread_setschedparam(pthread_self(), batchScheduling, &priority)
                start.body()
                return nil
            }, start.toOpaque())
        if result != 0 {
            start.release()
            throw SQLiteError(
                .noMemory, "a thread for the database cannot be started: \(String(cString: strerror(result)))")
        }
    }

    private final class Start {
        let body: @Sendable () -> Void

        init(_ body: @escaping @Sendable () -> Void) {
            self.body = body
        }
    }
}
