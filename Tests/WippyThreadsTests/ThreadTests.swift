import Glibc
import Testing
import WippyThreads

@Suite("Threads", .timeLimit(.minutes(1)))
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
                        var name = [CChar](repeating: 0, count: 16)
                        let file = open("/proc/thread-self/comm", O_RDONLY)
                        let count = read(file, &name, 16)
                        close(file)
                        let bytes = name.prefix(max(count, 0)).map { UInt8(bitPattern: $0) }
                        continuation.resume(
                            returning: (
                                String(decoding: bytes, as: UTF8.self), sigismember(&mask, number) == 1, isBlockedHere
                            ))
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
}
