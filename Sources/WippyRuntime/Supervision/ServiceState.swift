public import WippyDefinition

/// The state of a service, as seen from outside.
public enum ServiceState: Sendable, Hashable {
    /// It has not started, because something that it needs is missing, perhaps for ever.
    case waiting
    /// An attempt is running and is not ready yet.
    case starting
    /// Others can rely on it.
    case running
    /// It failed for this reason, and starts again at this time of the supervisor's clock.
    case failed(reason: String, retryDue: Duration)
    /// It has been told to stop and has not stopped yet.
    case stopping
    /// It was told to stop and has stopped; or nothing makes it start.
    case stopped
    /// It has ended by itself, with success.
    case finished
    /// It failed for good: another attempt cannot help, or no attempts are left.
    case exhausted(reason: String)
    /// It did not end when it was cancelled, and the application ended without it.
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
