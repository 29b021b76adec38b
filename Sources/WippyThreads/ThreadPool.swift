import Dispatch
import Synchronization
import WippyCollections

/// Threads for work that computes for long.
///
/// They start when there is work, and stay until the process ends.
package final class ThreadPool: TaskExecutor {
    private struct State {
        var jobs = Deque<UnownedJob>()
        var threads = 0
        var resting = 0
    }

    private let name: String
    private let maxThreads: Int
    private let state = Mutex(State())
    private let arrivals = DispatchSemaphore(value: 0)

    /// Creates a pool without threads.
    ///
    /// - Parameters:
    ///   - name: the name of each thread, of which the system's tools show at most 15 bytes.
    ///   - maxThreads: the largest number of threads. Default: the number of cores on which this process may run.
    package init(name: String, maxThreads: Int = SystemThread.availableCores) {
        self.name = name
        self.maxThreads = maxThreads
    }

    /// Runs a job on a thread of the pool, when all earlier jobs have begun.
    ///
    /// If the system has no room for even one thread, the job runs in Swift's shared pool.
    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let needsThread = state.withLock { state in
            state.jobs.append(job)
            guard state.resting < state.jobs.count, state.threads < maxThreads else { return false }
            state.threads += 1
            return true
        }
        arrivals.signal()
        if needsThread { startThread() }
    }

    private func startThread() {
        do {
            try SystemThread.start(name: name, blocking: .brokenPipe) {
                SystemThread.useBatchScheduling()
                self.runJobs()
            }
        } catch {
            let left = state.withLock { state in
                state.threads -= 1
                return state.threads == 0 ? state.jobs.popAll() : []
            }
            for job in left { globalConcurrentExecutor.enqueue(ExecutorJob(job)) }
        }
    }

    private func runJobs() -> Never {
        while true {
            state.withLock { $0.resting += 1 }
            arrivals.wait()
            let job = state.withLock { state in
                state.resting -= 1
                return state.jobs.popFirst()
            }
            if let job { unsafe job.runSynchronously(on: asUnownedTaskExecutor()) }
        }
    }
}
