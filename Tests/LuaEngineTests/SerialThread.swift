import Glibc
import Synchronization

/// A thread that runs one job after another, as an event loop does.
final class SerialThread: TaskExecutor {
    private let jobs = Mutex<[UnownedJob]>([])

    init() throws {
        let own = Unmanaged.passRetained(self).toOpaque()
        var thread = pthread_t()
        pthread_create(
            &thread, nil,
            { context in
                guard let context else { return nil }
                let own = Unmanaged<SerialThread>.fromOpaque(context).takeUnretainedValue()
                while true { if !own.runNext() { usleep(50) } }
            }, own)
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        jobs.withLock { $0.append(job) }
    }

    private func runNext() -> Bool {
        guard let job = jobs.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) else { return false }
        job.runSynchronously(on: asUnownedTaskExecutor())
        return true
    }
}
