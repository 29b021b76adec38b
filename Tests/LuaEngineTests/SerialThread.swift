import Dispatch
import Glibc
import Synchronization

/// A thread that runs one job after another, as an event loop does.
final class SerialThread: TaskExecutor {
    private let jobs = Mutex<[UnownedJob]>([])
    private let arrivals = DispatchSemaphore(value: 0)

    init() throws {
        let own = Unmanaged.passRetained(self).toOpaque()
        var thread = pthread_t()
        pthread_create(
            &thread, nil,
            { context in
                guard let context else { return nil }
                let own = Unmanaged<SerialThread>.fromOpaque(context).takeUnretainedValue()
                while true { own.runNext() }
            }, own)
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        jobs.withLock { $0.append(job) }
        arrivals.signal()
    }

    /// Waits for the next job, and runs it.
    private func runNext() {
        arrivals.wait()
        let job = jobs.withLock { $0.removeFirst() }
        job.runSynchronously(on: asUnownedTaskExecutor())
    }
}
