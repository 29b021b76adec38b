import Dispatch
import Synchronization
public import WippyRuntime

/// An executor that runs one job after another, like an event loop, apart from the pool that all tests share.
///
/// Its jobs only wait for each other, however many other tests run.
public final class OneThread: TaskExecutor, ExecutorProvider {
    private let queue = DispatchQueue(label: "one thread")
    private let used = Mutex(Duration.zero)

    /// Creates an executor without jobs.
    public init() {}

    /// The processor time that its jobs have taken.
    public var processorTime: Duration { used.withLock { $0 } }

    /// The executor itself.
    public func next() -> any TaskExecutor { self }

    /// The executor itself.
    public var shared: any TaskExecutor { self }

    /// Runs a job after all that came before it.
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
