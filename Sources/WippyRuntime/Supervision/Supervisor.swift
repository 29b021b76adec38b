import Synchronization
public import WippyDefinition

/// Starts an application's services in order, keeps them running, and stops them.
///
/// - ``run()`` is called once and ends when the application has; cancelling its task is a graceful stop, as is
///   ``stop()``, which is legal at any moment and any number of times.
/// - Services run on the executors of the environment, dealt out in turn, and what starts and stops them on one of its
///   own, which none of them holds up. Time is the environment's clock.
/// - When ``run()`` has ended, nothing runs any more except services in the state ``ServiceState/abandoned``, each of
///   which a line has named.
///
/// ``SupervisorState`` has the rules; this is the way in, and the way to look at it from outside.
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

    private let graph: ServiceGraph
    private let environment: RuntimeEnvironment
    /// Where the supervisor itself runs; Swift's pool if it is nil.
    let executor: (any TaskExecutor)?
    private let shared: Mutex<Shared>
    private let hasRun = Atomic(false)
    private let isStopRequested = Atomic(false)

    /// What has been reported and not yet handled.
    ///
    /// Each attempt reports twice at most, the alarm once for each time it is set, the stop once: so there are a few
    /// events for each service at most, and no other bound is needed.
    private let events: AsyncStream<SupervisorState.Event>
    private let mailbox: AsyncStream<SupervisorState.Event>.Continuation

    /// Creates a supervisor; nothing starts before ``run()``.
    ///
    /// - Parameters:
    ///   - shutdownTimeout: how long all services together may take to stop, two seconds of it kept for resources. Then
    ///     what still runs is abandoned.
    ///   - executor: where the supervisor itself runs, best a thread that nothing else holds up; Swift's shared pool
    ///     unless given.
    public init(
        _ graph: ServiceGraph, environment: RuntimeEnvironment, shutdownTimeout: Duration,
        on executor: (any TaskExecutor)? = nil
    ) {
        self.graph = graph
        self.environment = environment
        self.executor = executor
        shared = Mutex(Shared(machine: SupervisorState(graph, shutdownTimeout: shutdownTimeout)))
        (events, mailbox) = AsyncStream.makeStream()
    }

    /// Runs the application until it has stopped.
    ///
    /// - Throws: ``RequiredServiceFailure`` when it ended because of a service that it cannot do without, which is exit
    ///   status 1; ``WippyError`` of kind `Invalid` when it is called again.
    public func run() async throws {
        guard !hasRun.exchange(true, ordering: .relaxed) else {
            throw WippyError(.invalid, "a supervisor runs once; make another")
        }
        // A task of its own, which cancelling the caller's does not reach: that begins a stop, whose end this awaits.
        let loop = Task(executorPreference: executor) { [self] in
            var loop = SupervisorLoop(self, graph: graph, environment: environment)
            return await loop.run(events)
        }
        let outcome = await withTaskCancellationHandler {
            post(.start)
            return await loop.value
        } onCancel: {
            stop()
        }
        mailbox.finish()
        if case .failed(let failure) = outcome { throw failure }
    }

    /// Begins a graceful stop and returns at once; before ``run()``, that one starts nothing.
    public func stop() {
        if !isStopRequested.exchange(true, ordering: .relaxed) { post(.stop) }
    }

    /// How the application stands.
    public var stage: ApplicationStage { shared.withLock { $0.machine.stage.seenFromOutside } }

    /// How every service stands.
    public var states: [EntryID: ServiceState] {
        let states = shared.withLock { $0.machine.states }
        return Dictionary(uniqueKeysWithValues: zip(graph.nodes.map(\.id), states))
    }

    /// Takes what an attempt, the alarm or a caller reports, and never waits.
    func post(_ event: SupervisorState.Event) { mailbox.yield(event) }

    /// Lets the state handle an event; what follows is performed when the lock is free again.
    func handle(_ event: SupervisorState.Event, at now: Duration) -> Handled {
        let draw = Double.random(in: 0..<1)
        return shared.withLock { shared in
            let actions = shared.machine.handle(event, at: now, draw: draw)
            let notices = shared.watchers.notices(of: actions)
            return Handled(actions: actions, notices: notices, wakeUp: shared.machine.wakeUp)
        }
    }
}

extension Supervisor {
    /// A service's state, and each that follows, until the application has ended.
    ///
    /// - Returns: a stream that holds the latest 64 states for a reader that is slow; an empty one when there is no
    ///   such service.
    public func transitions(of id: EntryID) -> AsyncStream<ServiceState> {
        guard let index = graph.index(of: id) else { return AsyncStream { $0.finish() } }
        return stream(of: \.services, watching: index) { $0.services[index].phase.state }
    }

    /// The application's stage, and each that follows, until it has ended.
    public var stages: AsyncStream<ApplicationStage> {
        stream(of: \.application, watching: 0) { $0.stage.seenFromOutside }
    }

    /// A stream that begins with what is now and goes on with what follows.
    private func stream<Element: Sendable>(
        of watchers: any WritableKeyPath<SupervisorWatchers, SupervisorWatchers.Group<Element>> & Sendable,
        watching index: Int, from current: (SupervisorState) -> Element
    ) -> AsyncStream<Element> {
        let (stream, continuation) = AsyncStream.makeStream(of: Element.self, bufferingPolicy: .bufferingNewest(64))
        let key = shared.withLock { shared -> Int? in
            // Nobody reads the stream yet, so under the lock this only fills its buffer.
            continuation.yield(current(shared.machine))
            guard shared.machine.stage.seenFromOutside != .ended else { return nil }
            return shared.watchers[keyPath: watchers].add(continuation, at: index)
        }
        guard let key else {
            continuation.finish()
            return stream
        }
        continuation.onTermination = { [weak self] _ in
            self?.shared.withLock { $0.watchers[keyPath: watchers].remove(key, at: index) }
        }
        return stream
    }
}
