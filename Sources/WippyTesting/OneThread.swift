import Dispatch
import Synchronization
public import WippyRuntime

/// An executor that runs one job after another, as an event loop does, apart from the pool that all tests share.
///
/// What runs on it takes its turns among its own jobs only, however many other tests wait for theirs.
public final class OneThread: TaskExecutor, ExecutorProvider {
    private let queue = DispatchQueue(label: "one thread")
    private let used = Mutex(Duration.zero)

    /// An executor without jobs.
    public init() {}

    /// What its jobs have taken of a processor.
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
