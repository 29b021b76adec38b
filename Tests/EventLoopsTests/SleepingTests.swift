import Glibc
import Synchronization
import Testing

@testable import EventLoops

/// Waits by a loop's own timer.
@Suite("Sleeping on a loop", .timeLimit(.minutes(15)))
struct SleepingTests {
    @Test("A task sleeps at least as long as it asked for, on the loop or elsewhere")
    func duration() async throws {
        let group = try EventLoopGroup(count: 1)
        let loop = group.next()
        for executor in [loop, nil] as [(any TaskExecutor)?] {
            let slept = try await Task(executorPreference: executor) {
                try await ContinuousClock().measure { try await loop.sleep(for: .milliseconds(30)) }
            }.value
            // Its clock counts whole milliseconds.
            #expect(slept >= .milliseconds(28))
        }
        await group.shutDown()
    }

    @Test("A sleep that a held up loop begins late is as long")
    func heldUp() async throws {
        let group = try EventLoopGroup(count: 1)
        let loop = group.next()
        let slept = try await Task(executorPreference: loop) {
            // Longer than the sleep, so the time at which the turn began is of no use.
            let end = ContinuousClock.now + .milliseconds(50)
            while ContinuousClock.now < end {}
            return try await ContinuousClock().measure { try await loop.sleep(for: .milliseconds(30)) }
        }.value
        #expect(slept >= .milliseconds(28))
        await group.shutDown()
    }

    @Test("Cancelling ends a sleep at once, also one that is yet to begin")
    func cancellation() async throws {
        let group = try EventLoopGroup(count: 1)
        let loop = group.next()
        for executor in [loop, nil] as [(any TaskExecutor)?] {
            for yields in [0, 3] {
                let task = Task(executorPreference: executor) { try await loop.sleep(for: .seconds(3600)) }
                for _ in 0..<yields { await Task.yield() }
                task.cancel()
                await #expect(throws: CancellationError.self) { try await task.value }
            }
        }
        await group.shutDown()
    }

    @Test("The end of the loops ends a sleep with an error, and later ones, too")
    func shutDown() async throws {
        let group = try EventLoopGroup(count: 1)
        let loop = group.next()
        let task = Task { try await loop.sleep(for: .seconds(3600)) }
        for _ in 0..<10 { await Task.yield() }
        await group.shutDown()
        await #expect(throws: SocketError.self) { try await task.value }
        await #expect(throws: SocketError.self) { try await loop.sleep(for: .zero) }
    }

    @Test("Who waits for the end of a loop that is held up can give up")
    func giveUp() async throws {
        let group = try EventLoopGroup(count: 1)
        let gate = Gate()
        group.next().execute { gate.pass() }
        let waiting = Task { await group.shutDown() }
        waiting.cancel()
        await waiting.value
        gate.open()
        await group.shutDown()
    }
}

/// Holds a thread up until it is opened.
private final class Gate: Sendable {
    private let state = Mutex(false)

    func open() { state.withLock { $0 = true } }

    func pass() {
        while !state.withLock({ $0 }) { sched_yield() }
    }
}
