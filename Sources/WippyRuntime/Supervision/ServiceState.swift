public import WippyDefinition

/// The state of a service, as seen from outside.
public enum ServiceState: Sendable, Hashable {
    /// The service has not started, because another service that it needs is not ready. That may never change.
    case waiting
    /// An attempt is running and is not ready yet.
    case starting
    /// The service is ready: others can rely on it.
    case running
    /// The service failed for the given reason, and starts again at the given time of the supervisor's clock.
    case failed(reason: String, retryDue: Duration)
    /// The service has been told to stop and has not stopped yet.
    case stopping
    /// The service was told to stop and has stopped, or nothing makes it start.
    case stopped
    /// The service has ended by itself, with success.
    case finished
    /// The service failed for good, for the given reason: another attempt cannot help, or no attempts are left.
    case exhausted(reason: String)
    /// The service did not end after its cancellation, and the application ended without it.
    case abandoned
}

/// The state of the application as a whole.
public enum ApplicationStage: Sendable, Hashable {
    /// Nothing has started.
    case idle
    /// Some required service is not ready yet.
    case starting
    /// Every required service has been ready.
    case started
    /// Services are being stopped.
    case stopping
    /// Nothing runs.
    case ended
}

/// Why an application ended by itself: a required service failed for good.
public struct RequiredServiceFailure: Error, Hashable, CustomStringConvertible {
    /// The entry of the service.
    public let id: EntryID

    /// What happened and what to do.
    public let reason: String

    /// The entry and what happened.
    public var description: String { "\(id) is required and has failed: \(reason)" }
}
