/// The state of a service, as other code sees it.
public enum ServiceState: Sendable, Hashable {
    /// The service waits for its turn to start.
    case waiting
    /// An attempt is running and is not ready yet.
    case starting
    /// The service is ready. Other services can rely on it.
    case running
    /// The service failed for the given reason, and starts again at the given time of the supervisor's clock.
    case failed(reason: String, retryDue: Duration)
    /// The service has been told to stop and has not stopped yet, or a stop drains the work that it consumes.
    case stopping
    /// The service does not run, because of a stop or because nothing starts it.
    case stopped
    /// The service has ended by itself, with success.
    case finished
    /// The service stays down for the given reason.
    case exhausted(reason: String)
    /// The service did not end after its cancellation, and nobody waits for it any more.
    case abandoned
}
