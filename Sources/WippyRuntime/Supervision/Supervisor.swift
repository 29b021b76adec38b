import Synchronization
public import WippyDefinition

/// Starts an application's services in order, restarts those that fail, and stops them.
///
/// - ``run()`` is called once and ends with the application. If its task is cancelled, the application stops
///   gracefully. ``stop()`` has the same effect. You can call ``stop()`` at any time and several times.
/// - When ``run()`` has ended, no attempt of a service still runs, except attempts that did not end after their
///   cancellation.
///
/// The page `docs/lifecycle.md` has the rules.
public final class Supervisor: Sendable {
    private struct Shared {
        var machine: SupervisorState
        var watchers = SupervisorWatchers()
    }

    /// The result of handling an event.
    struct Handled {
        let actions: [SupervisorState.Action]
        let notices: SupervisorWatchers.Notices
        /// The next time at which the time must be checked; nil for none.
        let wakeUp: Duration?
    }

    /// An input of the supervisor's loop.
    enum Input: Sendable {
        case event(SupervisorState.Event)
        /// The report of an attempt, with the number that the loop gave to the attempt.
        case report(Int, SupervisorState.AttemptReport)
    }

    private let environment: RuntimeEnvironment
    /// The executor of the supervisor itself; nil for Swift's shared pool.
    public let executor: (any TaskExecutor)?
    private let shared: Mutex<Shared>
    private let hasRun = Atomic(false)
    private let isStopRequested = Atomic(false)

    /// The inputs that have not been handled yet.
    ///
    /// Each attempt reports at most twice, the alarm once for each time that it is set, and the stop once. So there are
    /// only a few inputs for each service, and no limit is needed.
    private let inputs: AsyncStream<Input>
    private let inbox: AsyncStream<Input>.Continuation
    /// The caller that waits for the end of a step of a change.
    ///
    /// There is at most one.
    private let stepper = Mutex<CheckedContinuation<ChangeStep.Result, Never>?>(nil)

    /// Creates a supervisor.
    ///
    /// Services start only in ``run()``.
    ///
    /// - Parameters:
    ///   - graph: the services, with their order.
    ///   - environment: the loops, clock and log for the services.
    ///   - shutdownTimeout: the time limit for the stop of all services together.
    ///   - executor: the executor of the supervisor itself. Prefer one with a thread that nothing else holds up.
    ///     Default: Swift's shared pool.
    public init(
        _ graph: ServiceGraph, environment: RuntimeEnvironment, shutdownTimeout: Duration,
        on executor: (any TaskExecutor)? = nil
    ) {
        self.environment = environment
        self.executor = executor
        shared = Mutex(Shared(machine: SupervisorState(graph, shutdownTimeout: shutdownTimeout)))
        (inputs, inbox) = AsyncStream.makeStream()
    }

    /// Runs the application until it has stopped.
    ///
    /// - Throws: ``RequiredServiceFailure`` when the application has stopped because a required service stays down;
    ///   ``WippyError`` of kind `Invalid` when it is called twice.
    public func run() async throws {
        guard !hasRun.exchange(true, ordering: .relaxed) else {
            throw WippyError(.invalid, "a supervisor runs once; make another")
        }
        // This is a separate task, so that cancelling the caller's task does not cancel it. The cancellation begins a
        // stop, and this call waits for its end.
        let graph = graph
        let loop = Task(executorPreference: executor) { [self] in
            var loop = SupervisorLoop(self, graph: graph, environment: environment)
            return await loop.run(inputs)
        }
        let outcome = await withTaskCancellationHandler {
            post(.event(.start))
            return await loop.value
        } onCancel: {
            stop()
        }
        inbox.finish()
        endStep(.interrupted)
        if case .failed(let failure) = outcome { throw failure }
    }

    /// Begins a graceful stop, and returns at once.
    ///
    /// If it is called before ``run()``, no service starts.
    public func stop() {
        if !isStopRequested.exchange(true, ordering: .relaxed) { post(.event(.stop)) }
    }

    /// The state of the application.
    public var stage: ApplicationStage { shared.withLock { $0.machine.stage.seenFromOutside } }

    /// The state of every service.
    public var states: [EntryID: ServiceState] {
        shared.withLock { shared in
            // During a change, an entry may have two services. Then this is the service that the graph knows by the
            // entry's id.
            Dictionary(zip(shared.machine.graph.nodes.map(\.id), shared.machine.states)) { first, _ in first }
        }
    }

    /// Takes a report of an attempt, of the alarm or of a caller.
    ///
    /// It never waits.
    func post(_ input: Input) { inbox.yield(input) }

    /// Lets the state handle an event.
    ///
    /// The resulting actions are performed after the lock is released.
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
    /// The application's current stage, and each later stage until the application has ended.
    ///
    /// A stage may be repeated. A slow reader gets only the latest 64 stages.
    public var stages: AsyncStream<ApplicationStage> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: ApplicationStage.self, bufferingPolicy: .bufferingNewest(64))
        let key = shared.withLock { shared -> Int? in
            // The stream is not read yet. So under the lock, this only fills its buffer.
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
    /// - Returns: true when every required service has been ready; false if the application stops first, or if the task
    ///   is cancelled first. The result is also false if a stop began before this call.
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
    /// The current services.
    var graph: ServiceGraph { shared.withLock { $0.machine.graph } }

    /// The phase of every service, by its index in the graph.
    var phases: [ServiceRecord.Phase] { shared.withLock { $0.machine.services.map(\.phase) } }

    /// Performs a step of a change, and returns when it has ended.
    ///
    /// Only one change is made at a time. A second step at the same time is interrupted at once. Cancelling the task
    /// does not end a step.
    func perform(_ step: ChangeStep) async -> ChangeStep.Result {
        await withCheckedContinuation { continuation in
            let isAlone = stepper.withLock { stepper in
                guard stepper == nil else { return false }
                stepper = continuation
                return true
            }
            guard isAlone else { return continuation.resume(returning: .interrupted) }
            if case .terminated = inbox.yield(.event(.step(step))) { endStep(.interrupted) }
        }
    }

    /// Tells the waiting caller that the step has ended.
    func endStep(_ result: ChangeStep.Result) {
        stepper.withLock { $0.take() }?.resume(returning: result)
    }
}
