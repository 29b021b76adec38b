/// The data of one service in the supervisor's state.
struct ServiceRecord: Sendable {
    /// The phase of a service; see ``SupervisorState``.
    enum Phase: Sendable, Hashable {
        /// Nothing starts the service.
        case idle
        case waiting
        case starting(deadline: Duration?)
        /// The service was not ready in time and has been cancelled. Its attempt has not ended.
        case overdue
        case running(since: Duration)
        case failed(reason: String, retryDue: Duration)
        /// The service may stop now. It continues until the work that it consumes is drained. It is cancelled at
        /// the deadline.
        case draining(deadline: Duration)
        /// The service has been told to stop. It is cancelled at the deadline.
        case stopping(deadline: Duration)
        /// The service has been told to stop and cancelled. It is abandoned at the deadline.
        case cancelled(deadline: Duration)
        case stopped
        case finished
        case exhausted(reason: String)
        case abandoned
    }

    var phase: Phase

    /// The number of the current or last attempt; 0 before the first attempt.
    var attempt = 0

    /// The time at which that attempt began.
    var launched = Duration.zero

    /// The number of attempts that have failed since the last stable one.
    var failures = 0

    /// The times at which the service failed and was to run again, within the window of its policy's intensity.
    var restarts: [Duration] = []

    /// The number of its dependencies that are not met.
    var missingDependencies = 0

    /// True if the log has a line about a service that stays down and that this service needs.
    var isBlocked = false

    /// The state of the service's trial.
    ///
    /// Only a service that a change has brought has a trial, until the change ends.
    var trial: Trial?

    /// The progress of a service that a change has brought.
    enum Trial: Sendable, Hashable {
        /// The service waits for the step of the change that starts it.
        case held
        /// The service may start. If it is essential and fails, the change is taken back.
        case begun
    }

    init(phase: Phase) {
        self.phase = phase
    }
}

extension ServiceRecord.Phase {
    /// True if an attempt runs that has not been told to end.
    var isUntold: Bool {
        switch self {
        case .starting, .running: true
        case .idle, .waiting, .overdue, .failed, .draining, .stopping, .cancelled, .stopped, .finished, .exhausted,
            .abandoned:
            false
        }
    }

    /// True if an attempt runs.
    var isLive: Bool {
        switch self {
        case .starting, .overdue, .running, .draining, .stopping, .cancelled: true
        case .idle, .waiting, .failed, .stopped, .finished, .exhausted, .abandoned: false
        }
    }

    /// Returns true if a dependency on the service is met.
    func meets(_ condition: Requirement.Condition) -> Bool {
        switch (self, condition) {
        case (.running, .ready), (.finished, .ready), (.finished, .completed): true
        default: false
        }
    }

    /// The time at which the phase ends by itself; nil if it does not.
    var deadline: Duration? {
        switch self {
        case .starting(let deadline): deadline
        case .failed(_, let deadline), .draining(let deadline), .stopping(let deadline), .cancelled(let deadline):
            deadline
        case .idle, .waiting, .overdue, .running, .stopped, .finished, .exhausted, .abandoned: nil
        }
    }

    /// The phase, as other code sees it.
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
