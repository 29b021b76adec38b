import Synchronization
public import WippyDefinition
public import WippyLog
public import WippyValues

/// What a running process has to do with the world around it.
///
/// A process is told to stop by an event, ``ProcessEvent/cancel``; ``sleep(for:)`` then throws `CancellationError`, so
/// that a process which only sleeps between pieces of work needs nothing more. If it goes on past its service's
/// `stop_timeout`, its task is cancelled.
public final class ProcessContext: Sendable {
    /// The entry that the process runs.
    public let id: EntryID

    /// What the run was started with: `input` of its service.
    public let input: [Value]

    /// The log, with the entry's id attached.
    public let log: Log

    /// The program's standard streams, on a terminal host.
    public let terminal: (any Terminal)?

    private let clock: any RuntimeClock
    private let stop: StopSignal
    private let becameReady: @Sendable () -> Void
    private let isReady = Atomic(false)
    private let isCancelDelivered = Atomic(false)

    /// Creates the context of one run.
    ///
    /// - Parameters:
    ///   - terminal: the program's standard streams, on a terminal host.
    ///   - stop: fires when the process is to end.
    ///   - ready: called once, when others may rely on the process.
    public init(
        id: EntryID, input: [Value], log: Log, clock: any RuntimeClock, terminal: (any Terminal)? = nil,
        stop: StopSignal,
        ready: @escaping @Sendable () -> Void
    ) {
        self.id = id
        self.input = input
        self.log = log
        self.clock = clock
        self.terminal = terminal
        self.stop = stop
        self.becameReady = ready
    }

    /// Says that others may rely on the process; later calls do nothing.
    public func ready() {
        if !isReady.exchange(true, ordering: .relaxed) { becameReady() }
    }

    /// Whether the process has been told to end.
    public var isStopping: Bool { stop.isFired }

    /// Suspends for a time; the process is ready from its first sleep on.
    ///
    /// - Throws: `CancellationError` when the process is told to end or its task is cancelled, or was before.
    public func sleep(for duration: Duration) async throws {
        ready()
        guard !stop.isFired else { throw CancellationError() }
        try await withThrowingTaskGroup { group in
            group.addTask { [clock] in try await clock.sleep(for: duration) }
            group.addTask { [stop] in
                await stop.wait()
                throw CancellationError()
            }
            // The first of the two decides; leaving the group cancels the other and waits for it.
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    /// The next event for the process, which suspends until there is one; the process is ready from then on.
    ///
    /// - Returns: nil when there will be none any more: ``ProcessEvent/cancel`` was the last, or the task was
    ///   cancelled.
    public func nextEvent() async -> ProcessEvent? {
        ready()
        await stop.wait()
        guard stop.isFired, !isCancelDelivered.exchange(true, ordering: .relaxed) else { return nil }
        return .cancel
    }
}

/// What happens to a process from outside.
public enum ProcessEvent: Sendable {
    /// It is to finish what it does and end.
    case cancel
}

/// One run of a process on a host.
public final class ProcessRun: Sendable {
    private let task: Task<ProcessOutcome, Never>
    private let stop: StopSignal

    /// Creates the handle of a run.
    public init(task: Task<ProcessOutcome, Never>, stop: StopSignal) {
        self.task = task
        self.stop = stop
    }

    /// How the run ended; suspends until it has.
    public var outcome: ProcessOutcome { get async { await task.value } }

    /// Asks the process to end.
    public func cancel() { stop.fire() }

    /// Cancels the process's task.
    public func terminate() { task.cancel() }
}
