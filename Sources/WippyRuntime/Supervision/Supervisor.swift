import Synchronization
public import WippyDefinition

/// Starts an application's services in order, restarts those that fail, and stops them.
///
/// - ``run()`` is called once and ends with the application. Cancelling its task stops the application gracefully, and
///   so does ``stop()``, which you can call at any time and several times.
/// - Services run on the executors of the environment, in turn. The supervisor runs on its own executor, which no
///   service holds up. Time is the environment's clock.
/// - When ``run()`` has ended, only services in the state ``ServiceState/abandoned`` still run. The log names each of
///   them.
///
/// `SupervisorState` has the rules. This class is the interface to it.
public final class Supervisor: Sendable {
    private struct Shared {
        var machine: SupervisorState
        var watchers = SupervisorWatchers()
    }

    /// What handling an event leads to.
    struct Handled {
        let actions: [SupervisorState.Action]
        let notices: SupervisorWatchers.Notices
        /// When time is to be looked at next.
        let wakeUp: Duration?
    }

    /// What reaches the supervisor's loop.
    enum Mail: Sendable {
        case event(SupervisorState.Event)
        /// What an attempt reports, by the number that the loop gave it.
        case report(Int, SupervisorState.AttemptReport)
    }

    private let environment: RuntimeEnvironment
    /// The executor of the supervisor itself; nil for Swift's shared pool.
    public let executor: (any TaskExecutor)?
    private let shared: Mutex<Shared>
    private let hasRun = Atomic(false)
    private let isStopRequested = Atomic(false)

    /// What has been reported and not yet handled.
    ///
    /// Each attempt reports twice at most, the alarm once for each time it is set, the stop once: so there are a few
    /// events for each service at most, and no other bound is needed.
    private let mails: AsyncStream<Mail>
    private let mailbox: AsyncStream<Mail>.Continuation
    /// Who waits for the end of a step of a change; there is one such at most.
    private let stepper = Mutex<CheckedContinuation<ChangeStep.Result, Never>?>(nil)

    /// Creates a supervisor.
    ///
    /// Nothing starts before ``run()``.
    ///
    /// - Parameters:
    ///   - graph: the services, and which waits for which.
    ///   - environment: the loops, clock and log for the services.
    ///   - shutdownTimeout: how long all services together may take to stop, two seconds of it kept for resources.
    ///     Services that still run then are abandoned.
    ///   - executor: the executor of the supervisor itself, best with a thread that nothing else holds up; by default
    ///     Swift's shared pool.
    public init(
        _ graph: ServiceGraph, environment: RuntimeEnvironment, shutdownTimeout: Duration,
        on executor: (any TaskExecutor)? = nil
    ) {
        self.environment = environment
        self.executor = executor
        shared = Mutex(Shared(machine: SupervisorState(graph, shutdownTimeout: shutdownTimeout)))
        (mails, mailbox) = AsyncStream.makeStream()
    }

    /// Runs the application until it has stopped.
    ///
    /// - Throws: ``RequiredServiceFailure`` when a required service failed for good; ``WippyError`` of kind `Invalid`
    ///   when it is called twice.
    public func run() async throws {
        guard !hasRun.exchange(true, ordering: .relaxed) else {
            throw WippyError(.invalid, "a supervisor runs once; make another")
        }
        // A task of its own, which cancelling the caller's does not reach: that begins a stop, whose end this awaits.
        let graph = graph
        let loop = Task(executorPreference: executor) { [self] in
            var loop = SupervisorLoop(self, graph: graph, environment: environment)
            return await loop.run(mails)
        }
        let outcome = await withTaskCancellationHandler {
            post(.event(.start))
            return await loop.value
        } onCancel: {
            stop()
        }
        mailbox.finish()
        endStep(.interrupted)
        if case .failed(let failure) = outcome { throw failure }
    }

    /// Begins a graceful stop and returns at once.
    ///
    /// If it is called before ``run()``, that starts nothing.
    public func stop() {
        if !isStopRequested.exchange(true, ordering: .relaxed) { post(.event(.stop)) }
    }

    /// The state of the application.
    public var stage: ApplicationStage { shared.withLock { $0.machine.stage.seenFromOutside } }

    /// The state of every service.
    public var states: [EntryID: ServiceState] {
        shared.withLock { shared in
            // Of two services of one entry, one of which comes or goes, the one that the graph knows.
            Dictionary(zip(shared.machine.graph.nodes.map(\.id), shared.machine.states)) { first, _ in first }
        }
    }

    /// Takes what an attempt, the alarm or a caller reports, and never waits.
    func post(_ mail: Mail) { mailbox.yield(mail) }

    /// Lets the state handle an event; what follows is performed when the lock is free again.
    func handle(_ event: SupervisorState.Event, at now: Duration) -> Handled {
        let draw = Double.random(in: 0..<1)
        return shared.withLock { shared in
            let actions = shared.machine.handle(event, at: now, draw: draw)
            environment.readiness.set(shared.machine.isReady)
            let notices = shared.watchers.notices(of: actions)
            return Handled(actions: actions, notices: notices, wakeUp: shared.machine.wakeUp)
        }
    }
}

extension Supervisor {
    /// The application's stage, and each later one, until it has ended.
    ///
    /// During the start it repeats with each line of the log that says what the start waits for.
    ///
    /// A slow reader gets the latest 64.
    public var stages: AsyncStream<ApplicationStage> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: ApplicationStage.self, bufferingPolicy: .bufferingNewest(64))
        let key = shared.withLock { shared -> Int? in
            // Nobody reads the stream yet, so under the lock this only fills its buffer.
            let stage = shared.machine.stage.seenFromOutside
            continuation.yield(stage)
            return stage == .ended ? nil : shared.watchers.add(continuation)
        }
        guard let key else {
            continuation.finish()
            return stream
        }
        continuation.onTermination = { [weak self] _ in self?.shared.withLock { $0.watchers.remove(key) } }
        return stream
    }

    /// Waits until every required service has been ready.
    ///
    /// - Returns: false when the application stopped first, or the task was cancelled.
    public func started() async -> Bool {
        for await stage in stages {
            switch stage {
            case .idle, .starting: continue
            case .started: return true
            case .stopping, .ended: return false
            }
        }
        return false
    }
}

// Changing the services while they run.
extension Supervisor {
    /// The services that there are now.
    var graph: ServiceGraph { shared.withLock { $0.machine.graph } }

    /// How every service stands, by its index in the graph.
    var phases: [ServiceRecord.Phase] { shared.withLock { $0.machine.services.map(\.phase) } }

    /// Takes a step of a change and returns when it has ended.
    ///
    /// One change is made at a time: a step beside another is interrupted at once. Cancelling the task does not end a
    /// step.
    func take(_ step: ChangeStep) async -> ChangeStep.Result {
        await withCheckedContinuation { continuation in
            let isAlone = stepper.withLock { stepper in
                guard stepper == nil else { return false }
                stepper = continuation
                return true
            }
            guard isAlone else { return continuation.resume(returning: .interrupted) }
            if case .terminated = mailbox.yield(.event(.step(step))) { endStep(.interrupted) }
        }
    }

    /// Tells whoever waits for it that the step has ended.
    func endStep(_ result: ChangeStep.Result) {
        stepper.withLock { $0.take() }?.resume(returning: result)
    }
}
