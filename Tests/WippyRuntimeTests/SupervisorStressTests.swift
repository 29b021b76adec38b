import Testing
import WippyDefinition
import WippyLog
import WippyTesting

@testable import WippyRuntime

@Suite("The supervisor under stress", .timeLimit(.minutes(4)))
struct SupervisorStressTests {
    @Test("1,000 rounds of start, random failure and stop at random moments leave nothing running")
    func rounds() async throws {
        var runs = 0
        var restarts = 0
        var endings = 0
        for seed in 0..<1000 {
            var random = SeededGenerator(seed: UInt64(seed))
            let journal = Journal()
            let metrics = Metrics()
            let services = SupervisedService.random(&random, pace: .microseconds(20)) { name, seed in
                RandomService(name: name, journal: journal, seed: seed)
            }
            let environment = RuntimeEnvironment(
                executors: SharedPoolExecutors(), clock: SystemClock(), log: .silent, metrics: metrics)
            let supervisor = Supervisor(
                try ServiceGraph(services), environment: environment, shutdownTimeout: .seconds(30))
            let turns = 1 << Int.random(in: 0..<12, using: &random)
            endings += try await run(supervisor, stoppingAfter: turns, random: &random) ? 0 : 1
            runs += journal.events.count { $0.hasPrefix("+") }
            restarts += metrics.counts.values.reduce(0, +)
            #expect(journal.live == 0, "seed \(seed)")
            #expect(journal.overlaps == 0, "seed \(seed)")
            #expect(supervisor.stage == .ended, "seed \(seed)")
            #expect(supervisor.states.values.allSatisfy { $0.isAtRest }, "seed \(seed)")
        }
        // The rounds were what the title says: services ran, failed and ran again, and some failures ended a round.
        #expect(runs > 1000 && restarts > 100 && endings > 10, "\(runs) runs, \(restarts) restarts, \(endings) ended")
    }

    /// Runs a supervisor, stops it after some turns of the scheduler in one of three ways, and waits for its end.
    ///
    /// - Returns: whether it stopped because it was told to.
    private func run(
        _ supervisor: Supervisor, stoppingAfter turns: Int, random: inout SeededGenerator
    ) async throws -> Bool {
        let running = Task { try await supervisor.run() }
        for _ in 0..<turns { await Task.yield() }
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
