import WippyCollections
import WippyDefinition
import WippyLog

/// The supervisor as a value: events in, actions out.
///
/// It runs nothing and reads no clock.
///
/// ```
/// waiting ─▶ starting ─▶ running ─▶ (draining) ─▶ stopping ─▶ cancelled ─▶ abandoned
///               │  │        │             └───────────┴──────────┴─▶ stopped
///               │  └─▶ overdue (cancelled, not ended)
///               │           │
///               ├───────────┴─▶ failed ─▶ (delay) ─▶ starting
///               │                  └─▶ exhausted           permanent, or no attempts left
///               └─▶ finished                               returned by itself, from running, too
/// ```
///
/// An attempt runs in the states `starting`, `overdue`, `running`, `draining`, `stopping` and `cancelled`, and in no
/// other: so two attempts of one service never overlap. A state has at most one deadline, and ``Event/timePassed`` is
/// what becomes of it when ``wakeUp`` has come.
///
/// A service starts when all that it depends on is ready (or finished, where it asks for that) and every essential
/// service of a lower rank is ready. Its turn to stop comes when nothing runs that the ``StopOrder`` puts before it.
/// Then its queues are drained, if it consumes any, and it is told.
struct SupervisorState: Sendable {
    /// What happens to the supervisor.
    enum Event: Sendable {
        /// The application begins to run.
        case start
        /// The application is to stop.
        case stop
        /// An attempt of a service reports.
        case report(Int, attempt: Int, AttemptReport)
        /// A drain has ended: the queues of a group hold nothing any more.
        case drained(Int, drain: Int)
        /// Time has passed.
        case timePassed
        /// The application takes a step of a change of its services.
        case step(ChangeStep)
    }

    /// What an attempt reports: at most once that it is ready, and once how it ended.
    enum AttemptReport: Sendable, Hashable {
        case ready
        case finished
        case failed(ServiceFailure)
    }

    /// What is to be done, in this order.
    enum Action: Sendable {
        /// Begin an attempt of a service.
        case run(Int, attempt: Int)
        /// Report when the queues of a group hold nothing any more that comes to its turn before the deadline.
        ///
        /// A later drain of the group takes the place of this one.
        case drain(Int, number: Int, Set<EntryID>, deadline: Duration)
        /// Tell the running attempt to stop before the deadline.
        case fireStop(Int, deadline: Duration)
        /// Cancel the running attempt.
        case cancel(Int)
        /// Tell who watches that the application's stage is another.
        case announce(ApplicationStage)
        /// Know the services by their indices in a graph from now on.
        case adopt(GraphChange)
        /// Tell whoever asked for a step of a change how it ended.
        case endStep(ChangeStep.Result)
        /// Write a line.
        case log(Line)
        /// Nothing is left to do.
        case end(Outcome)
    }

    /// A line of the log.
    struct Line: Sendable, Hashable {
        let level: LogLevel
        /// The service that it is about, or nil for the application.
        let service: Int?
        let message: String
        let metadata: LogMetadata
    }

    /// How the application ended.
    enum Outcome: Sendable, Hashable {
        /// It was told to stop.
        case stopped
        /// A service that it cannot do without failed for good.
        case failed(RequiredServiceFailure)
    }

    /// How far the application is.
    enum Stage: Sendable, Hashable {
        case idle
        case starting(since: Duration, nextLine: Duration)
        case started
        case stopping(Shutdown)
        case ended(Outcome)
    }

    var graph: ServiceGraph
    let shutdownTimeout: Duration

    var stage = Stage.idle
    var services: [ServiceRecord]

    /// How many essential services of each rank are not ready.
    var awaited = [Int](repeating: 0, count: ServiceRole.allCases.count)

    /// How many attempts run of each rank in the order of a stop.
    var live = [Int](repeating: 0, count: ServiceRole.allCases.count)

    /// While stopping: how many dependents and channels each group waits for.
    var awaitedByGroup: [Int] = []

    /// While stopping: the number of each group's latest drain, counted from 1.
    var drains: [Int: Int] = [:]

    /// While stopping: how many publishers of each channel run.
    var livePublishers: [Int] = []

    /// The step of a change that has not ended.
    var step: ChangeStep?

    /// A time no later than the next deadline, when ``Event/timePassed`` is due; nil while there is none.
    ///
    /// A deadline that was dropped leaves an early time behind, so that nothing is searched when one is.
    var wakeUp: Duration?

    /// The services' deadlines, those included that were dropped since.
    var deadlines = Heap<Due>()

    /// The services of each rank that wait, and some that did.
    var waiting: [[Int]]

    /// Services that may start, or be told to stop, at the end of this event.
    var candidates: [Int] = []
    var actions: [Action] = []
    var now = Duration.zero
    var draw = 0.5

    /// A supervisor before its start.
    init(_ graph: ServiceGraph, shutdownTimeout: Duration) {
        self.graph = graph
        self.shutdownTimeout = max(shutdownTimeout, .zero)
        services = graph.nodes.map { ServiceRecord(phase: $0.starts ? .waiting : .idle) }
        waiting = graph.members
    }

    /// Handles an event.
    ///
    /// - Parameters:
    ///   - now: the time by the runtime's clock.
    ///   - draw: a random number from 0 to below 1, for the jitter of a delay.
    /// - Returns: what is to be done, in order.
    mutating func handle(_ event: Event, at now: Duration, draw: Double = 0.5) -> [Action] {
        self.now = now
        self.draw = draw
        switch event {
        case .start: begin()
        case .stop: requestStop(.stopped)
        case .report(let index, let attempt, let report):
            if services[index].attempt == attempt { handle(report, of: index) }
        case .drained(let group, let number):
            if drains[group] == number { endDraining(of: group) }
        case .timePassed: passTime()
        case .step(let step): begin(step)
        }
        settle()
        endStep()
        defer { actions = [] }
        return actions
    }

    /// Starts and stops whose turn has come.
    private mutating func settle() {
        let due = Set(candidates).sorted()
        candidates = []
        switch stage {
        case .idle, .ended: break
        case .starting, .started: startCandidates(due)
        case .stopping(let shutdown): stopCandidates(due, shutdown)
        }
    }

    /// What becomes of every deadline that has come.
    private mutating func passTime() {
        guard let wakeUp, wakeUp <= now else { return }
        var due: Set<Int> = []
        while let next = deadlines.first, next.deadline <= now, deadlines.popFirst() != nil { due.insert(next.index) }
        for index in due.sorted() {
            if let deadline = services[index].phase.deadline, deadline <= now { timeIsUp(for: index) }
        }
        passStageTime()
        while let next = deadlines.first, services[next.index].phase.deadline != next.deadline {
            _ = deadlines.popFirst()
        }
        self.wakeUp = [deadlines.first?.deadline, stage.deadline].compactMap(\.self).min()
    }

    private mutating func passStageTime() {
        guard let deadline = stage.deadline, deadline <= now else { return }
        switch stage {
        case .idle, .started, .ended: break
        case .starting(let since, _):
            enter(.starting(since: since, nextLine: now + Self.progressInterval))
            logProgress(since: since)
            actions.append(.announce(.starting))
        case .stopping(let shutdown): spend(shutdown)
        }
    }

    /// How often a line says what the start waits for.
    static let progressInterval = Duration.seconds(5)
}

/// When something happens to a service, unless something else does before.
struct Due: Comparable {
    let deadline: Duration
    let index: Int

    static func < (left: Due, right: Due) -> Bool { left.deadline < right.deadline }
}

extension SupervisorState {
    /// Whether every required service is ready, and no stop has begun.
    var isReady: Bool { stage == .started && awaited.allSatisfy { $0 == 0 } }

    /// Every service's state.
    var states: [ServiceState] { services.map(\.phase.state) }

    /// Changes the stage, and tells those who watch if it looks another from outside.
    mutating func enter(_ stage: Stage) {
        if stage.seenFromOutside != self.stage.seenFromOutside {
            actions.append(.announce(stage.seenFromOutside))
        }
        self.stage = stage
        if let deadline = stage.deadline { noteDeadline(deadline) }
    }

    /// Sees to it that time is looked at no later than a service's deadline.
    mutating func noteDeadline(_ deadline: Duration, of index: Int) {
        deadlines.insert(Due(deadline: deadline, index: index))
        noteDeadline(deadline)
    }

    /// Sees to it that time is looked at no later than this.
    private mutating func noteDeadline(_ deadline: Duration) {
        wakeUp = min(wakeUp ?? deadline, deadline)
    }

    mutating func log(_ level: LogLevel, _ service: Int?, _ message: String, _ metadata: LogMetadata = [:]) {
        actions.append(.log(Line(level: level, service: service, message: message, metadata: metadata)))
    }
}

extension SupervisorState.Stage {
    var deadline: Duration? {
        switch self {
        case .idle, .started, .ended: nil
        case .starting(_, let nextLine): nextLine
        case .stopping(let shutdown): shutdown.nextDeadline
        }
    }

    var seenFromOutside: ApplicationStage {
        switch self {
        case .idle: .idle
        case .starting: .starting
        case .started: .started
        case .stopping: .stopping
        case .ended: .ended
        }
    }
}
