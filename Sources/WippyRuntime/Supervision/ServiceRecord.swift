/// What the supervisor's state holds of one service.
struct ServiceRecord: Sendable {
    /// Where a service stands; see ``SupervisorState``.
    enum Phase: Sendable, Hashable {
        /// Nothing has it start.
        case idle
        case waiting
        case starting(deadline: Duration?)
        /// It was not ready in time and has been cancelled; its attempt has not ended.
        case overdue
        case running(since: Duration)
        case failed(reason: String, retryDue: Duration)
        /// Its turn to stop has come: it goes on until its queues are empty, and is cancelled at the deadline.
        case draining(deadline: Duration)
        /// Told to stop, to be cancelled at the deadline.
        case stopping(deadline: Duration)
        /// Told to stop and cancelled, to be abandoned at the deadline.
        case cancelled(deadline: Duration)
        case stopped
        case finished
        case exhausted(reason: String)
        case abandoned
    }

    var phase: Phase

    /// The number of the attempt that runs or was the last to run; 0 before the first.
    var attempt = 0

    /// When that attempt began.
    var launched = Duration.zero

    /// How many attempts have failed since the last that was stable.
    var failures = 0

    /// When it failed and was to run again, within the window of its policy's intensity.
    var restarts: [Duration] = []

    /// How many of its dependencies are not there.
    var missingDependencies = 0

    /// Whether a line has said that something that it needs has failed for good.
    var isBlocked = false

    /// The state of its trial.
    ///
    /// Only a service that a change has brought has one, until the change ends.
    var trial: Trial?

    /// How far a service is that a change has brought.
    enum Trial: Sendable, Hashable {
        /// It waits for the step of the change that starts it.
        case held
        /// It has been let go; if it fails, the change is taken back.
        case begun
    }

    init(phase: Phase) {
        self.phase = phase
    }
}

extension ServiceRecord.Phase {
    /// Whether an attempt runs that has not been told to end.
    var isUntold: Bool {
        switch self {
        case .starting, .running: true
        case .idle, .waiting, .overdue, .failed, .draining, .stopping, .cancelled, .stopped, .finished, .exhausted,
            .abandoned:
            false
        }
    }

    /// Whether an attempt runs.
    var isLive: Bool {
        switch self {
        case .starting, .overdue, .running, .draining, .stopping, .cancelled: true
        case .idle, .waiting, .failed, .stopped, .finished, .exhausted, .abandoned: false
        }
    }

    /// Whether a dependency on the service is met.
    func meets(_ condition: Requirement.Condition) -> Bool {
        switch (self, condition) {
        case (.running, .ready), (.finished, .ready), (.finished, .completed): true
        default: false
        }
    }

    /// When something happens if nothing else does.
    var deadline: Duration? {
        switch self {
        case .starting(let deadline): deadline
        case .failed(_, let deadline), .draining(let deadline), .stopping(let deadline), .cancelled(let deadline):
            deadline
        case .idle, .waiting, .overdue, .running, .stopped, .finished, .exhausted, .abandoned: nil
        }
    }

    /// The phase as seen from outside.
    var state: ServiceState {
        switch self {
        case .idle, .stopped: .stopped
        case .waiting: .waiting
        case .starting, .overdue: .starting
        case .running: .running
        case .failed(let reason, let retryDue): .failed(reason: reason, retryDue: retryDue)
        case .draining, .stopping, .cancelled: .stopping
        case .finished: .finished
        case .exhausted(let reason): .exhausted(reason: reason)
        case .abandoned: .abandoned
        }
    }
}
