import WippyDefinition
import WippyLog
import WippyText

/// Handles the reports one by one, and performs the resulting actions.
///
/// Nothing else performs them.
///
/// Only the supervisor's task uses it. It owns the running attempts, and the task that sleeps until the next deadline.
/// Both end before the loop ends, except attempts that were abandoned.
struct SupervisorLoop: ~Copyable {
    /// The task that reports that time has passed.
    private struct Alarm {
        let time: Duration
        let task: Task<Void, Never>
    }

    /// An attempt that runs.
    private struct Run {
        let attempt: ServiceAttempt
        /// The number of the attempt among those of its service.
        let number: Int
        /// The index of its service in the graph.
        var index: Int
        let begin: Duration
    }

    /// The task that waits until the entries that a group consumes are drained.
    private struct Drain {
        let entries: Set<EntryID>
        let task: Task<Void, Never>
    }

    private let supervisor: Supervisor
    private let environment: RuntimeEnvironment
    private var graph: ServiceGraph
    /// The running attempts, by their numbers.
    ///
    /// No two attempts have the same number.
    private var runs: [Int: Run] = [:]
    /// The number in ``runs`` of each service's latest attempt, by the service's index.
    private var latest: [Int: Int] = [:]
    private var begun = 0
    /// The times that the services took to become ready or to finish; nil after the application has started.
    private var startTimes: [EntryID: Duration]? = [:]
    private var drains: [Int: Drain] = [:]
    private var alarm: Alarm?
    private var outcome: SupervisorState.Outcome?

    init(_ supervisor: Supervisor, graph: ServiceGraph, environment: RuntimeEnvironment) {
        self.supervisor = supervisor
        self.environment = environment
        self.graph = graph
    }

    /// Runs until the application has ended.
    mutating func run(_ inputs: AsyncStream<Supervisor.Input>) async -> SupervisorState.Outcome {
        var iterator = inputs.makeAsyncIterator()
        while outcome == nil, let input = await iterator.next() {
            guard let event = event(of: input) else { continue }
            let now = environment.clock.now
            if case .timePassed = event, let alarm, alarm.time <= now { self.alarm = nil }
            let handled = supervisor.handle(event, at: now)
            for action in handled.actions { perform(action) }
            handled.notices.send()
            setAlarm(handled.wakeUp)
        }
        alarm?.task.cancel()
        await alarm?.task.value
        await endDrains()
        return outcome ?? .stopped
    }

    /// Cancels the drains, and waits for their ends.
    ///
    /// It goes on without drains that ignore the cancellation.
    private func endDrains() async {
        guard !drains.isEmpty else { return }
        let tasks = drains.values.map(\.task)
        for task in tasks { task.cancel() }
        let ended = OneShotEvent(endOf: tasks, on: supervisor.executor)
        await ended.wait(until: environment.clock.now + SupervisorState.grace, by: environment.clock)
        guard !ended.isFired else { return }
        let entries = drains.values.reduce(into: Set<EntryID>()) { $0.formUnion($1.entries) }.sorted()
        environment.log.error(
            "a drain is abandoned: it still runs although it was cancelled",
            ["entries": LogValue(entries.map(\.description).joined(separator: ", "))])
    }

    /// What an input says to the state; nil for an attempt that no service has any more.
    private mutating func event(of input: Supervisor.Input) -> SupervisorState.Event? {
        switch input {
        case .event(let event): return event
        case .report(let number, let report):
            guard let run = report == .ready ? runs[number] : runs.removeValue(forKey: number) else { return nil }
            startTimes?[graph.nodes[run.index].id] = environment.clock.now - run.begin
            return .report(run.index, attempt: run.number, report)
        }
    }

    private mutating func perform(_ action: SupervisorState.Action) {
        switch action {
        case .run(let index, let number): begin(index, number)
        case .drain(let group, let number, let ids, let deadline): drain(group, number, ids, until: deadline)
        case .cancelDrain(let group): drains[group]?.task.cancel()
        case .fireStop(let index, let deadline): attempt(of: index)?.fireStop(deadline: deadline)
        case .cancel(let index): attempt(of: index)?.cancel()
        case .adopt(let change): adopt(change)
        case .endStep(let result): supervisor.endStep(result)
        case .log(let line): write(line)
        case .announce(.started): writeOverview()
        case .announce: break
        case .end(let outcome): self.outcome = outcome
        }
    }

    private mutating func begin(_ index: Int, _ number: Int) {
        let node = graph.nodes[index]
        if number > 1 { environment.metrics.counter(ServiceMetrics.restarts, of: node.id).add() }
        begun += 1
        let attempt = ServiceAttempt(
            of: node.service.service, as: RunningEntry(node.id), on: environment.executors.next()
        ) { [supervisor, begun] report in
            supervisor.post(.report(begun, report))
        }
        runs[begun] = Run(attempt: attempt, number: number, index: index, begin: environment.clock.now)
        latest[index] = begun
    }

    private func attempt(of index: Int) -> ServiceAttempt? { latest[index].flatMap { runs[$0]?.attempt } }

    /// Uses the indices of another graph for the services from now on.
    private mutating func adopt(_ change: GraphChange) {
        graph = change.graph
        var indices: [Int: Int] = [:]
        for (index, before) in change.indices.enumerated() {
            if let before { indices[before] = index }
        }
        runs = runs.compactMapValues { run in
            indices[run.index].map { Run(attempt: run.attempt, number: run.number, index: $0, begin: run.begin) }
        }
        latest = Dictionary(uniqueKeysWithValues: latest.compactMap { index, run in indices[index].map { ($0, run) } })
    }

    /// Reports when the entries that a group consumes have no work that can be done before the deadline.
    ///
    /// The entries of a cycle feed each other. So an empty entry may have work again when the next one is empty. They
    /// are empty if two rounds over all of them find each entry empty, and no work was accepted in between.
    private mutating func drain(_ group: Int, _ number: Int, _ ids: Set<EntryID>, until deadline: Duration) {
        let work = ids.sorted().compactMap { graph.work[$0] }
        let previous = drains[group]?.task
        previous?.cancel()
        // The task is unstructured, because the loop continues. When the loop ends, it cancels the task and waits for
        // it.
        let task = Task(executorPreference: supervisor.executor) { [supervisor] in
            await previous?.value
            var seen: [Int]?
            while !Task.isCancelled {
                var accepted: [Int] = []
                for part in work { accepted.append(await part.drain(until: deadline)) }
                if seen == accepted || work.count == 1 { break }
                seen = accepted
            }
            supervisor.post(.event(.drained(group, drain: number)))
        }
        drains[group] = Drain(entries: ids, task: task)
    }

    /// Sets the alarm to a time.
    ///
    /// Does nothing if the alarm is set to an earlier time.
    private mutating func setAlarm(_ time: Duration?) {
        guard outcome == nil, let time else { return }
        if let alarm {
            if alarm.time <= time { return }
            alarm.task.cancel()
        }
        // The task is unstructured, because it is replaced. The loop cancels it at its end.
        let task = Task(executorPreference: supervisor.executor) { [supervisor, clock = environment.clock] in
            guard (try? await clock.sleep(until: time)) != nil else { return }
            supervisor.post(.event(.timePassed))
        }
        alarm = Alarm(time: time, task: task)
    }

    /// Logs the activity of each service that is up, and the time that its start took.
    private mutating func writeOverview() {
        guard let times = startTimes else { return }
        startTimes = nil
        let up = zip(graph.nodes, supervisor.phases).sorted { ($0.0.rank, $0.0.id) < ($1.0.rank, $1.0.id) }
        environment.log.table(
            .info,
            up.compactMap { [graph] node, phase in
                guard phase.meets(.ready), let time = times[node.id] else { return nil }
                return graph.startLine(of: node, hasFinished: phase.meets(.completed), after: time)
            })
    }

    private func write(_ line: SupervisorState.Line) {
        let log = line.service.map { environment.log.with(entry: graph.nodes[$0].id.description) } ?? environment.log
        log.log(line.level, line.message, line.metadata)
    }
}

extension ServiceGraph {
    /// Returns the line about a service in the log of the start.
    fileprivate func startLine(of node: Node, hasFinished: Bool, after time: Duration) -> LogTableRow {
        var metadata: LogMetadata = ["took": LogValue(time.readable)]
        let doing: String
        switch node.service.role {
        case .resource: doing = "is ready"
        case .process: doing = "runs"
        case .server: doing = "listens"
        case .consumer:
            doing = "consumes"
            let consumed = Dictionary(grouping: node.service.consumes.sorted()) { work[$0]?.nouns.holder ?? "from" }
            for (holder, ids) in consumed.sorted(by: { ExactText.precedes($0.key, $1.key) }) {
                metadata[holder] = LogValue(ids.map(\.description).joined(separator: ", "))
            }
        }
        metadata.merge(node.service.service.details)
        let message = hasFinished ? "has finished" : node.service.service.activity ?? doing
        return LogTableRow(entry: node.id.description, message: message, metadata: metadata)
    }
}
