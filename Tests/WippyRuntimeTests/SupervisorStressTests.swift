import Testing
import WippyDefinition
import WippyLog
import WippyTesting

@testable import WippyRuntime

@Suite("The supervisor under stress", .timeLimit(.minutes(15)))
struct SupervisorStressTests {
    /// Runs rounds on threads of their own, so that their turns are not dealt out among those of all other tests.
    ///
    /// On one thread the services have as many turns as the test has, whatever else the machine does, so that the rounds
    /// are what the title says; on two they meet the supervisor at any moment.
    @Test("500 rounds of start, random failure and stop at random moments leave nothing running", arguments: [1, 2])
    func rounds(threads: Int) async throws {
        let thread = OneThread()
        let executors = threads == 1 ? thread : OneThread()
        let counts = try await Task(executorPreference: thread) { try await Self.rounds(on: thread, executors) }.value
        // Services ran, failed and ran again, and some failures ended a round.
        #expect(threads == 2 || counts.runs > 500 && counts.restarts > 50 && counts.endings > 5, "\(counts)")
    }

    private static func rounds(
        on thread: OneThread, _ executors: OneThread
    ) async throws -> (runs: Int, restarts: Int, endings: Int) {
        var counts = (runs: 0, restarts: 0, endings: 0)
        for seed in 0..<500 {
            var random = SeededGenerator(seed: UInt64(seed))
            let journal = Journal()
            let metrics = Metrics()
            let services = SupervisedService.random(&random, pace: .microseconds(20)) { name, seed in
                RandomService(name: name, journal: journal, seed: seed)
            }
            let clock = TestClock()
            let environment = RuntimeEnvironment(executors: executors, clock: clock, log: .silent, metrics: metrics)
            let supervisor = Supervisor(
                try ServiceGraph(services), environment: environment, shutdownTimeout: .seconds(30), on: thread)
            let turns = 1 << Int.random(in: 0..<12, using: &random)
            let isToldTo = try await run(supervisor, on: thread, clock, stoppingAfter: turns, random: &random)
            counts.endings += isToldTo ? 0 : 1
            counts.runs += journal.events.count { $0.hasPrefix("+") }
            counts.restarts += metrics.counts.values.reduce(0, +)
            #expect(journal.live == 0, "seed \(seed)")
            #expect(journal.overlaps == 0, "seed \(seed)")
            #expect(supervisor.stage == .ended, "seed \(seed)")
            #expect(supervisor.states.values.allSatisfy { $0.isAtRest }, "seed \(seed)")
        }
        return counts
    }

    /// Runs a supervisor, stops it after some turns of the scheduler in one of three ways, and waits for its end.
    ///
    /// - Returns: whether it stopped because it was told to.
    private static func run(
        _ supervisor: Supervisor, on thread: OneThread, _ clock: TestClock, stoppingAfter turns: Int,
        random: inout SeededGenerator
    ) async throws -> Bool {
        let running = Task(executorPreference: thread) { try await supervisor.run() }
        for _ in 0..<turns {
            await Task.yield()
            clock.advance(by: .microseconds(2))
        }
        switch Int.random(in: 0..<3, using: &random) {
        case 0: supervisor.stop()
        case 1: running.cancel()
        default:
            running.cancel()
            supervisor.stop()
        }
        do {
            try await running.value
            return true
        } catch is RequiredServiceFailure {
            return false
        }
    }
}

/// A service that is ready, returns, fails or hangs at random, and heeds its cancellation.
private struct RandomService: ManagedService {
    let name: String
    let journal: Journal
    let seed: UInt64

    func run(ready: @escaping @Sendable () -> Void, stop: StopSignal) async throws {
        journal.begin(name)
        defer { journal.end(name) }
        var random = SeededGenerator(seed: seed &+ UInt64(journal.events.count))
        for _ in 0..<Int.random(in: 0..<20, using: &random) { await Task.yield() }
        let die = Int.random(in: 0..<20, using: &random)
        if die < 4 { throw ServiceFailure("before it was ready", isPermanent: die == 0) }
        if die < 6 { return }
        if die < 8 {
            // Never ready: the time limit or a stop ends it.
            await stop.wait()
            throw CancellationError()
        }
        ready()
        for _ in 0..<Int.random(in: 0..<50, using: &random) where !stop.isFired { await Task.yield() }
        if die < 11 { throw ServiceFailure("after it was ready") }
        if die < 13 { return }
        await stop.wait()
        for _ in 0..<Int.random(in: 0..<5, using: &random) { await Task.yield() }
        if die < 15 { throw ServiceFailure("while it stopped") }
    }
}

extension ServiceState {
    /// Whether nothing of the service runs or will.
    fileprivate var isAtRest: Bool {
        switch self {
        case .stopped, .finished, .exhausted: true
        case .waiting, .starting, .running, .failed, .stopping, .abandoned: false
        }
    }
}
