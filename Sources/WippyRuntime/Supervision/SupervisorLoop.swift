import WippyDefinition
import WippyLog

/// The one place where things happen: takes what is reported, one by one, and performs what the state says.
///
/// Confined to the supervisor's task. It owns the attempts that run and the one task that sleeps until the next
/// deadline; both end before it does, except attempts that were abandoned.
struct SupervisorLoop: ~Copyable {
    /// The task that reports that time has passed.
    private struct Alarm {
        let time: Duration
        let task: Task<Void, Never>
    }

    private let supervisor: Supervisor
    private let environment: RuntimeEnvironment
    private let nodes: [ServiceGraph.Node]
    private let queues: [EntryID: Link<any MessageQueue>]
    private var attempts: [Int: ServiceAttempt] = [:]
    private var drains: [Int: Task<Void, Never>] = [:]
    private var alarm: Alarm?
    private var outcome: SupervisorState.Outcome?

    init(_ supervisor: Supervisor, graph: ServiceGraph, environment: RuntimeEnvironment) {
        self.supervisor = supervisor
        self.environment = environment
        nodes = graph.nodes
        queues = graph.queues
    }

    /// Runs until the application has ended.
    mutating func run(_ events: AsyncStream<SupervisorState.Event>) async -> SupervisorState.Outcome {
        var iterator = events.makeAsyncIterator()
        while outcome == nil, let event = await iterator.next() {
            let now = environment.clock.now
            if case .timePassed = event, let alarm, alarm.time <= now { self.alarm = nil }
            if case .report(let index, _, let report) = event, report != .ready { attempts[index] = nil }
            let handled = supervisor.handle(event, at: now)
            for action in handled.actions { perform(action) }
            handled.notices.send()
            setAlarm(handled.wakeUp)
        }
        let tasks = Array(drains.values) + (alarm.map { [$0.task] } ?? [])
        for task in tasks { task.cancel() }
        for task in tasks { await task.value }
        return outcome ?? .stopped
    }

    private mutating func perform(_ action: SupervisorState.Action) {
        switch action {
        case .run(let index, let number): begin(index, number)
        case .drain(let group, let number, let ids, let deadline): drain(group, number, ids, until: deadline)
        case .fireStop(let index, let deadline): attempts[index]?.fireStop(deadline: deadline)
        case .cancel(let index): attempts[index]?.cancel()
        case .log(let line): write(line)
        case .announce, .announceStage: break
        case .end(let outcome): self.outcome = outcome
        }
    }

    private mutating func begin(_ index: Int, _ number: Int) {
        let node = nodes[index]
        if number > 1 { environment.metrics.counter("service.restarts", of: node.id).add() }
        attempts[index] = ServiceAttempt(
            of: node.service.service, as: RunningEntry(node.id), on: environment.executors.next()
        ) { [supervisor] report in
            supervisor.post(.report(index, attempt: number, report))
        }
    }

    /// Reports when nothing is left in a group's queues that comes to its turn before the deadline.
    ///
    /// The queues of a circle feed each other, so one that was empty may not be when the next is. Nothing is left when
    /// two rounds over all of them see each queue empty with nothing accepted between.
    private mutating func drain(_ group: Int, _ number: Int, _ ids: Set<EntryID>, until deadline: Duration) {
        let queues = ids.sorted().compactMap { self.queues[$0] }
        let previous = drains[group]
        previous?.cancel()
        // Unstructured, for the loop goes on; it is cancelled and awaited when the loop ends.
        drains[group] = Task(executorPreference: supervisor.executor) { [supervisor] in
            await previous?.value
            var seen: [Int]?
            while !Task.isCancelled {
                var accepted: [Int] = []
                for queue in queues { accepted.append(await queue.target.drain(until: deadline)) }
                if seen == accepted || queues.count == 1 { break }
                seen = accepted
            }
            supervisor.post(.drained(group, drain: number))
        }
    }

    /// Sees to it that time is looked at by then; an earlier alarm does as well.
    private mutating func setAlarm(_ time: Duration?) {
        guard outcome == nil, let time else { return }
        if let alarm {
            if alarm.time <= time { return }
            alarm.task.cancel()
        }
        // Unstructured, for it is replaced; the loop cancels it when it ends.
        let task = Task(executorPreference: supervisor.executor) { [supervisor, clock = environment.clock] in
            guard (try? await clock.sleep(until: time)) != nil else { return }
            supervisor.post(.timePassed)
        }
        alarm = Alarm(time: time, task: task)
    }

    private func write(_ line: SupervisorState.Line) {
        let log = line.service.map { environment.log.with(entry: nodes[$0].id.description) } ?? environment.log
        log.log(line.level, line.message, line.metadata)
    }
}
