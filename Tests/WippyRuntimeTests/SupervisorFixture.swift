import Synchronization
import WippyDefinition
import WippyLog
import WippyTesting

@testable import WippyRuntime

/// A supervisor with a clock of its own, and a record of what its services did.
struct SupervisorFixture {
    let clock = TestClock()
    let metrics = Metrics()
    let log = LogRecorder()
    let supervisor: Supervisor

    /// - Parameter thread: where all of it runs; Swift's pool unless given.
    init(
        _ services: [SupervisedService], work: [EntryID: any AcceptedWork] = [:],
        shutdownTimeout: Duration = .seconds(30), on thread: OneThread? = nil
    ) throws {
        let environment = RuntimeEnvironment(
            executors: thread ?? SharedPoolExecutors(), clock: clock, log: Log(to: log, level: .info), metrics: metrics)
        supervisor = Supervisor(
            try ServiceGraph(services, work: work), environment: environment, shutdownTimeout: shutdownTimeout,
            on: thread)
    }

    /// The entry, if there is one, and the message of each line of the log.
    var lines: [String] { log.records.map { ($0.entry.map { "\($0) " } ?? "") + $0.message } }

    /// Runs the supervisor beside the test; the task ends with it.
    func run() -> Task<Void, any Error> {
        Task { [supervisor] in try await supervisor.run() }
    }

    /// Waits until a service has failed and is to start again later, and lets the time of its delay pass.
    func passDelay(of name: String) async -> Duration? {
        let now = clock.now
        let state = await reached(name) { if case .failed(_, let due) = $0 { due > now } else { false } }
        guard case .failed(_, let due) = state else { return nil }
        clock.advance(by: due - now)
        return due - now
    }

    func reached(_ name: String, _ isReached: (ServiceState) -> Bool) async -> ServiceState? {
        await supervisor.reached(.app(name), isReached)
    }

    /// Waits until a service is in a state.
    func reached(_ name: String, _ state: ServiceState) async -> Bool {
        await reached(name) { $0 == state } != nil
    }
}

/// What happened, in order; and how many runs go on.
final class Journal: Sendable {
    private struct State {
        var events: [String] = []
        var live = 0
        var overlaps = 0
        var running: Set<String> = []
    }

    private let state = Mutex(State())

    var events: [String] { state.withLock { $0.events } }

    /// How many runs go on now.
    var live: Int { state.withLock { $0.live } }

    /// How often a run began while another of the same service went on.
    var overlaps: Int { state.withLock { $0.overlaps } }

    func note(_ event: String) { state.withLock { $0.events.append(event) } }

    func begin(_ name: String) {
        state.withLock { state in
            state.live += 1
            state.events.append("+\(name)")
            if !state.running.insert(name).inserted { state.overlaps += 1 }
        }
    }

    func end(_ name: String) {
        state.withLock { state in
            state.live -= 1
            state.events.append("-\(name)")
            state.running.remove(name)
        }
    }
}

/// A service whose every run does what the test says.
struct ScriptedService: ManagedService {
    let name: String
    let journal: Journal
    let script: @Sendable (_ run: Int, _ ready: @Sendable () -> Void, _ stop: StopSignal) async throws -> Void
    private let runs = RunCounter()

    init(
        _ name: String, _ journal: Journal,
        script: @escaping @Sendable (Int, @Sendable () -> Void, StopSignal) async throws -> Void = { _, ready, stop in
            ready()
            await stop.wait()
        }
    ) {
        self.name = name
        self.journal = journal
        self.script = script
    }

    func run(ready: @escaping @Sendable () -> Void, stop: StopSignal) async throws {
        journal.begin(name)
        defer { journal.end(name) }
        try await script(runs.next(), ready, stop)
    }
}

/// Numbers runs from 1.
private final class RunCounter: Sendable {
    private let count = Atomic(0)

    func next() -> Int { count.add(1, ordering: .relaxed).newValue }
}

extension Supervisor {
    /// Suspends until a service is in a state that satisfies a condition.
    ///
    /// - Returns: that state; nil when the application has ended before, or the task was cancelled.
    func reached(_ id: EntryID, _ isReached: (ServiceState) -> Bool) async -> ServiceState? {
        while true {
            // Asked before the state, which is the last one when the application has ended.
            let isOver = stage == .ended
            guard let state = states[id] else { return nil }
            if isReached(state) { return state }
            guard !isOver, (try? await Task.sleep(for: .milliseconds(1))) != nil else { return nil }
        }
    }
}
