import Dispatch
import Synchronization

/// An executor that runs its jobs one after another, like an event loop.
///
/// It does not use the threads of Swift's shared pool.
public final class OneThread: TaskExecutor {
    private let queue = DispatchQueue(label: "one thread")
    private let used = Mutex(Duration.zero)

    /// Creates an executor without jobs.
    public init() {}

    /// The processor time that the executor's jobs have taken, without a job that still runs.
    public var processorTime: Duration { used.withLock { $0 } }

    /// Runs a job after all earlier jobs.
    public func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { [self] in
            let start = processorTimeOfThread()
            unsafe job.runSynchronously(on: asUnownedTaskExecutor())
            let time = processorTimeOfThread() - start
            used.withLock { $0 += time }
        }
    }
}
