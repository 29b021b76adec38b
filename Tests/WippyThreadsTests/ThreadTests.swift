import Dispatch
import Glibc
import Synchronization
import Testing
import WippyThreads

@Suite("Threads", .timeLimit(.minutes(15)))
struct ThreadTests {
    @Test(
        "A thread has its name and takes no signal that it blocks, nor one that its starter blocks",
        arguments: [SIGPIPE, SIGTERM])
    func blockedSignals(number: Int32) async throws {
        for signals in [SystemThread.BlockedSignals.brokenPipe, .all] {
            let (name, isBlocked, isBlockedHere) = try await withCheckedThrowingContinuation { continuation in
                var here = sigset_t()
                pthread_sigmask(SIG_BLOCK, nil, &here)
                let isBlockedHere = sigismember(&here, number) == 1
                do {
                    try SystemThread.start(name: "a name of over fifteen bytes", blocking: signals) {
                        var mask = sigset_t()
                        pthread_sigmask(SIG_BLOCK, nil, &mask)
                        continuation.resume(
                            returning: (threadName(), sigismember(&mask, number) == 1, isBlockedHere))
                    }
                } catch {
                    continuation.resume(throwing: error)
                }
            }
            #expect(name == "a name of over \n")
            #expect(isBlocked == (number == SIGPIPE || signals == .all || isBlockedHere))
        }
    }

    @Test("Who waits for a group goes on when the last has left it, or when cancelled")
    func waitGroup() async {
        let group = WaitGroup()
        await group.wait()
        group.enter()
        group.enter()
        let cancelled = Task { await group.wait() }
        cancelled.cancel()
        await cancelled.value
        async let waiting: Void = group.wait()
        group.leave()
        group.leave()
        await waiting
        await group.wait()
    }

    @Test("A pool runs as many jobs at once as it has threads, and the next when one of them ends")
    func pool() async throws {
        let pool = ThreadPool(name: "pool", maxThreads: 2)
        let names = Mutex<[String]>([])
        let ends = DispatchSemaphore(value: 0)
        let work: @Sendable () async -> Void = {
            names.withLock { $0.append(threadName()) }
            wait(for: ends)
        }
        let jobs = (0..<3).map { _ in Task(executorPreference: pool, operation: work) }
        while names.withLock({ $0.count }) < 2 { await Task.yield() }
        #expect(names.withLock { $0 } == ["pool\n", "pool\n"])
        for _ in jobs { ends.signal() }
        for job in jobs { await job.value }
        #expect(names.withLock { $0 } == ["pool\n", "pool\n", "pool\n"])
    }
}

/// The name of the calling thread, as the system's tools show it.
private func threadName() -> String {
    var name = [CChar](repeating: 0, count: 16)
    let file = open("/proc/thread-self/comm", O_RDONLY)
    let count = read(file, &name, 16)
    close(file)
    return String(decoding: name.prefix(max(count, 0)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
}

private func wait(for semaphore: DispatchSemaphore) { semaphore.wait() }
