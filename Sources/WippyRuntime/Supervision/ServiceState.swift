public import WippyDefinition

/// The state of a service, as other code sees it.
public enum ServiceState: Sendable, Hashable {
    /// The service has not started, because another service that it needs is not ready. This state may last for ever.
    case waiting
    /// An attempt is running and is not ready yet.
    case starting
    /// The service is ready. Other services can rely on it.
    case running
    /// The service failed for the given reason, and starts again at the given time of the supervisor's clock.
    case failed(reason: String, retryDue: Duration)
    /// The service has been told to stop and has not stopped yet.
    case stopping
    /// The service was told to stop and has stopped, or nothing starts it.
    case stopped
    /// The service has ended by itself, with success.
    case finished
    /// The service stays down for the given reason. Another attempt cannot help, or no attempts are left.
    case exhausted(reason: String)
    /// The service did not end after its cancellation, and the application ended without it.
    case abandoned
}

/// The state of the application as a whole.
public enum ApplicationStage: Sendable, Hashable {
    /// No service has started.
    case idle
    /// At least one required service is not ready yet.
    case starting
    /// Every required service has been ready.
    case started
    /// Services are being stopped.
    case stopping
    /// No service runs.
    case ended
}

/// The error for an application that ended by itself, because a required service stays down.
public struct RequiredServiceFailure: Error, Hashable, CustomStringConvertible {
    /// The id of the service's entry.
    public let id: EntryID

    /// The problem and its solution.
    public let reason: String

    /// One sentence with the entry's id and the reason.
    public var description: String { "\(id) is required and has failed: \(reason)" }
}
