import Synchronization
public import WippyDefinition
public import WippyLog
public import WippyValues

/// A running process's access to its input, its events, its log and the request to stop.
///
/// A stop arrives as the event ``ProcessEvent/cancel``. Then ``sleep(for:)`` throws `CancellationError`. So a process
/// that only sleeps between pieces of work needs no further code. If the process still runs when the time for the stop
/// is up, its task is cancelled.
public final class ProcessContext: Sendable {
    /// The id of the process's entry.
    public let id: EntryID

    /// The arguments of the run, such as the `input` of a service or the arguments of a command.
    public let input: [Value]

    /// The log, with the entry's id attached.
    public let log: Log

    /// The program's standard streams; nil if the host is not a `terminal.host`.
    public let terminal: (any Terminal)?

    private let clock: any RuntimeClock
    private let stop: StopSignal
    private let becameReady: @Sendable () -> Void
    private let isReady = Atomic(false)
    private let isCancelDelivered = Atomic(false)

    /// Creates the context of one run.
    ///
    /// - Parameters:
    ///   - id: the id of the process's entry.
    ///   - input: the arguments of the run.
    ///   - log: the log of the process.
    ///   - clock: the clock for the process's sleeps.
    ///   - terminal: the program's standard streams; nil if the host is not a `terminal.host`. Default: nil.
    ///   - stop: fires when the process must end.
    ///   - ready: called at most once, when other entries can rely on the process. It is not called if the process ends
    ///     before that.
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

    /// Marks the process as ready, so that other entries can rely on it.
    ///
    /// Later calls do nothing.
    public func ready() {
        if !isReady.exchange(true, ordering: .relaxed) { becameReady() }
    }

    /// True if the process has been told to end.
    public var isStopping: Bool { stop.isFired }

    /// Suspends for a time.
    ///
    /// The first sleep also marks the process as ready.
    ///
    /// - Throws: `CancellationError` when the process is told to end before or during the sleep, or when its task is
    ///   cancelled before the time is up.
    public func sleep(for duration: Duration) async throws {
        ready()
        guard !stop.isFired else { throw CancellationError() }
        try await race { [clock] in
            try await clock.sleep(for: duration)
        } against: { [stop] in
            await stop.wait()
            throw CancellationError()
        }
    }

    /// Waits for the next event.
    ///
    /// The first call also marks the process as ready.
    ///
    /// - Returns: the event; nil after ``ProcessEvent/cancel``, or when the task is cancelled before a stop comes.
    public func nextEvent() async -> ProcessEvent? {
        ready()
        await stop.wait()
        guard stop.isFired, !isCancelDelivered.exchange(true, ordering: .relaxed) else { return nil }
        return .cancel
    }
}

/// An event for a process.
public enum ProcessEvent: Sendable {
    /// The process must finish its current work and end.
    case cancel
}
