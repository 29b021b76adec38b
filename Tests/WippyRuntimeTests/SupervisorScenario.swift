import WippyDefinition
import WippyLog

@testable import WippyRuntime

/// A supervisor's state with a short way to say what happens and to read what follows.
struct Scenario {
    private(set) var state: SupervisorState
    private(set) var now = Duration.zero
    private(set) var lines: [String] = []
    var draw = 0.5

    init(_ services: [SupervisedService], shutdownTimeout: Duration = .seconds(30)) throws {
        let work: [EntryID: any AcceptedWork] = Dictionary(
            services.flatMap(\.consumes).map { ($0, IdleWork()) }
        ) { first, _ in first }
        state = SupervisorState(try ServiceGraph(services, work: work), shutdownTimeout: shutdownTimeout)
    }

    mutating func start() -> [String] { handle(.start) }

    mutating func stop() -> [String] { handle(.stop) }

    /// The queues of a service's group hold nothing any more.
    mutating func drained(_ name: String, drain: Int? = nil) -> [String] {
        let group = state.graph.stopOrder.group[index(name)]
        return handle(.drained(group, drain: drain ?? state.drains[group] ?? 0))
    }

    mutating func ready(_ name: String) -> [String] { report(name, .ready) }

    mutating func finish(_ name: String) -> [String] { report(name, .finished) }

    mutating func fail(_ name: String, isPermanent: Bool = false) -> [String] {
        report(name, .failed(ServiceFailure("no luck", isPermanent: isPermanent)))
    }

    mutating func take(_ step: ChangeStep) -> [String] { handle(.step(step)) }

    /// What the latest attempt of a service reports, by its place: of two of one name.
    mutating func report(at index: Int, _ report: SupervisorState.AttemptReport) -> [String] {
        handle(.report(index, attempt: state.services[index].attempt, report))
    }

    func indices(_ names: String...) -> Set<Int> { Set(names.map(index)) }

    mutating func report(_ name: String, _ report: SupervisorState.AttemptReport, attempt: Int? = nil) -> [String] {
        let index = index(name)
        return handle(.report(index, attempt: attempt ?? state.services[index].attempt, report))
    }

    /// Lets time pass, one deadline after another.
    mutating func pass(_ duration: Duration) -> [String] {
        let end = now + duration
        var actions: [String] = []
        while let due = state.wakeUp, due <= end {
            now = max(now, due)
            actions += handle(.timePassed)
        }
        now = end
        return actions
    }

    func phase(_ name: String) -> ServiceRecord.Phase { state.services[index(name)].phase }

    private mutating func handle(_ event: SupervisorState.Event) -> [String] {
        state.handle(event, at: now, draw: draw).compactMap { words(for: $0) }
    }

    private mutating func words(for action: SupervisorState.Action) -> String? {
        switch action {
        case .run(let index, let attempt): return attempt == 1 ? "run \(name(index))" : "run \(name(index)) \(attempt)"
        case .drain(_, _, let queues, _): return "drain \(queues.map(\.name).sorted().joined(separator: ", "))"
        case .cancelDrain: return "cancel the drain"
        case .fireStop(let index, _): return "stop \(name(index))"
        case .cancel(let index): return "cancel \(name(index))"
        case .end(.stopped): return "end"
        case .end(.failed(let failure)): return "end: \(failure)"
        case .adopt: return "adopt"
        case .endStep(let result): return "\(result)"
        case .announce: return nil
        case .log(let line):
            let data = line.metadata.fields.map { " \($0.key)=\($0.value)" }.joined()
            lines.append("\(line.level.name) \(line.service.map { name($0) + " " } ?? "")\(line.message)\(data)")
            return nil
        }
    }

    private func index(_ name: String) -> Int { state.graph.index(of: .app(name)) ?? -1 }

    private func name(_ index: Int) -> String { state.graph.nodes[index].id.name }
}

extension EntryID {
    /// An id of the namespace that all tests use.
    static func app(_ name: String) -> EntryID { EntryID(namespace: "app", name: name) }
}

extension SupervisedService {
    /// A service of a test: it starts automatically and is required, unless the policy is changed.
    static func named(
        _ name: String, _ role: ServiceRole = .resource, needs: [String] = [], completed: [String] = [],
        publishes: Set<String> = [], consumes: Set<String> = [], runs service: any ManagedService = IdleService(),
        policy change: (inout LifecyclePolicy) -> Void = { _ in }
    ) -> SupervisedService {
        var policy = LifecyclePolicy.standard
        policy.startsAutomatically = true
        policy.restart.jitter = 0
        change(&policy)
        return SupervisedService(
            id: .app(name), role: role, policy: policy,
            dependencies: needs.map { Requirement(id: .app($0), condition: .ready) }
                + completed.map { Requirement(id: .app($0), condition: .completed) },
            publishes: Set(publishes.map(EntryID.app)), consumes: Set(consumes.map(EntryID.app)), service: service)
    }
}

/// A service that is ready at once and runs until it is told to stop.
struct IdleService: ManagedService {
    func run(ready: @escaping @Sendable () -> Void, stop: StopSignal) async throws {
        ready()
        await stop.wait()
    }
}

/// Work of which only the place of its entry in the graph matters.
private struct IdleWork: AcceptedWork {
    let nouns = WorkNouns(holder: "queue", units: "messages")
    let amount = 0

    func drain(until deadline: Duration) async -> Int { 0 }
}
