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
    /// No service runs, except those that were abandoned.
    case ended
}
