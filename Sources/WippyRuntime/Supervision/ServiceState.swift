public import WippyDefinition

/// How a service stands, as seen from outside.
public enum ServiceState: Sendable, Hashable {
    /// It has not started: something that it needs is not there yet, or will never be.
    case waiting
    /// An attempt runs and is not ready.
    case starting
    /// Others may rely on it.
    case running
    /// It failed for the reason given and starts again at the time given, by the supervisor's clock.
    case failed(reason: String, retryDue: Duration)
    /// It has been told to stop and has not yet.
    case stopping
    /// It was told to stop and did, or nothing has it start.
    case stopped
    /// It has ended by itself, with success.
    case finished
    /// It failed for good: permanently, or no attempts are left.
    case exhausted(reason: String)
    /// It went on when it was cancelled, and the application ended without it.
    case abandoned
}

/// How the application stands as a whole.
public enum ApplicationStage: Sendable, Hashable {
    /// Nothing has started.
    case idle
    /// Some required service is not ready yet.
    case starting
    /// Every required service has been ready.
    case started
    /// Services are being stopped.
    case stopping
    /// Nothing runs any more.
    case ended
}

/// Why an application ended by itself: a service that it cannot do without has failed for good.
public struct RequiredServiceFailure: Error, Hashable, CustomStringConvertible {
    /// The entry of the service.
    public let id: EntryID

    /// What happened and what to do.
    public let reason: String

    /// The entry and what happened.
    public var description: String { "\(id) is required and has failed: \(reason)" }
}
