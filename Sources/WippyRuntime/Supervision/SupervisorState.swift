import WippyCollections
import WippyDefinition
import WippyLog

/// The supervisor as a value: it takes events and returns actions.
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
/// An attempt runs only in the phases `starting`, `overdue`, `running`, `draining`, `stopping` and `cancelled`. So two
/// attempts of one service never overlap. A phase has at most one deadline. ``Event/timePassed`` handles it when
/// ``wakeUp`` has come. After a reload, a service may begin anew while an abandoned attempt of it still runs. Then
/// ``ExclusiveService`` lets the new attempt fail.
///
/// A service starts when all services on which it depends are ready (or finished, if it requires that), and when every
/// essential service of a lower rank is ready. Its turn to stop comes when no service runs that must stop before it, by
/// the ``StopOrder``. Then the work that it consumes is drained, if there is any, and it is told to stop.
struct SupervisorState: Sendable {
    /// An input of the supervisor.
    enum Event: Sendable {
        /// The application begins to run.
        case start
        /// The application must stop.
        case stop
        /// An attempt of a service reports.
        case report(Int, attempt: Int, AttemptReport)
        /// A drain of the work that a group consumes has ended.
        case drained(Int, drain: Int)
        /// Time has passed.
        case timePassed
        /// The application takes a step of a change of its services.
        case step(ChangeStep)
    }

    /// The report of an attempt.
    ///
    /// An attempt reports at most once that it is ready, and once that it has ended.
    enum AttemptReport: Sendable, Hashable {
        case ready
        case finished
        case failed(ServiceFailure)
    }

    /// The actions to perform, in this order.
    enum Action: Sendable {
        /// Begin an attempt of a service.
        case run(Int, attempt: Int)
        /// Report when the entries that a group consumes have no work that can be done before the deadline. A later
        /// drain of the group replaces this one.
        case drain(Int, number: Int, Set<EntryID>, deadline: Duration)
        /// Cancel the drain of a group. Nobody waits for it any more.
        case cancelDrain(Int)
        /// Tell the running attempt to stop before the deadline.
        case fireStop(Int, deadline: Duration)
        /// Cancel the running attempt.
        case cancel(Int)
        /// Tell the watchers that the application's stage has changed.
        case announce(ApplicationStage)
        /// Use the indices of another graph for the services from now on.
        case adopt(GraphChange)
        /// Tell the caller that asked for a step of a change the result of the step.
        case endStep(ChangeStep.Result)
        /// Write a line.
        case log(Line)
        /// The application has ended, with this outcome.
        case end(Outcome)
    }

    /// A line of the log.
    struct Line: Sendable, Hashable {
        let level: LogLevel
        /// The service of the line; nil for the application.
        let service: Int?
        let message: String
        let metadata: LogMetadata
    }

    /// The way in which the application ended.
    enum Outcome: Sendable, Hashable {
        /// The application was told to stop.
        case stopped
        /// A service stays down, and the application cannot run without it.
        case failed(RequiredServiceFailure)
    }

    /// The progress of the application.
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

    /// The number of essential services of each rank that are not ready.
    var awaited = [Int](repeating: 0, count: ServiceRole.allCases.count)

    /// The number of running attempts of each rank, by the ranks of a stop.
    var live = [Int](repeating: 0, count: ServiceRole.allCases.count)

    /// During a stop: the number of dependents and channels for which each group waits.
    var awaitedByGroup: [Int] = []

    /// During a stop: the number of each group's latest drain, counted from 1, until it ends or is cancelled.
    var drains: [Int: Int] = [:]

    /// During a stop: the number of running publishers of each channel.
    var livePublishers: [Int] = []

    /// The step of a change that has not ended.
    var step: ChangeStep?

    /// The time at which ``Event/timePassed`` is due, not later than the next deadline; nil if there is no deadline.
    ///
    /// After a deadline was dropped, this time may be too early. So dropping a deadline needs no search.
    var wakeUp: Duration?

    /// The services' deadlines, including those that were dropped later.
    var deadlines = Heap<Due>()

    /// The services of each rank that wait, and some that waited before.
    var waiting: [[Int]]

    /// Services that may start, or be told to stop, at the end of this event.
    var candidates: [Int] = []
    var actions: [Action] = []
    var now = Duration.zero
    var draw = 0.5

    /// Creates the state of a supervisor before its start.
    init(_ graph: ServiceGraph, shutdownTimeout: Duration) {
        self.graph = graph
        self.shutdownTimeout = max(shutdownTimeout, .zero)
        services = graph.nodes.map { ServiceRecord(phase: $0.starts ? .waiting : .idle) }
        waiting = graph.members
    }

    /// Handles an event.
    ///
    /// - Parameters:
    ///   - now: the time of the runtime's clock.
    ///   - draw: a random number from 0 to below 1, for the jitter of a delay.
    /// - Returns: the actions to perform, in order.
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

    /// Starts and stops the services whose turn has come.
    private mutating func settle() {
        let due = Set(candidates).sorted()
        candidates = []
        switch stage {
        case .idle, .ended: break
        case .starting, .started: startCandidates(due)
        case .stopping(let shutdown): stopCandidates(due, shutdown)
        }
    }

    /// Handles every deadline that has come.
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

    /// The time between two lines about a slow start.
    static let progressInterval = Duration.seconds(5)
}

/// The deadline of a service.
struct Due: Comparable {
    let deadline: Duration
    let index: Int

    static func < (left: Due, right: Due) -> Bool { left.deadline < right.deadline }
}

extension SupervisorState {
    /// True if every required service is ready and no stop has begun.
    var isReady: Bool { stage == .started && awaited.allSatisfy { $0 == 0 } }

    /// The state of every service.
    var states: [ServiceState] { services.map(\.phase.state) }

    /// Changes the stage, and tells the watchers if the visible stage has changed.
    mutating func enter(_ stage: Stage) {
        if stage.seenFromOutside != self.stage.seenFromOutside {
            actions.append(.announce(stage.seenFromOutside))
        }
        self.stage = stage
        if let deadline = stage.deadline { noteDeadline(deadline) }
    }

    /// Makes sure that the time is checked not later than a service's deadline.
    mutating func noteDeadline(_ deadline: Duration, of index: Int) {
        deadlines.insert(Due(deadline: deadline, index: index))
        noteDeadline(deadline)
    }

    /// Makes sure that the time is checked not later than this deadline.
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
