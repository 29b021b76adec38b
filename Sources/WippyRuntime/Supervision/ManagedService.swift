public import WippyLog

/// The service of an entry, such as a server, a consumer, or a database's connections.
///
/// - `run` is called at most once for each attempt, never twice at the same time. After it has returned or thrown, it
///   may be called again.
/// - `run` calls `ready` at most once, as soon as other services can rely on this one. Services that need this one
///   start after that, or after `run` has returned.
/// - When `stop` fires, it takes no new work, finishes its current work, and returns before the signal's deadline.
/// - When the application stops, `stop` fires for a consumer after the work that it consumes was drained, as far as the
///   time allows. A reload that ends a consumer does not drain this work.
/// - When its task is cancelled, it returns promptly, even with unfinished work.
/// - When it returns, nothing that it started may still run.
/// - If it returns, and was neither told to stop nor cancelled, its work is done. If it throws before a stop, it has
///   failed.
public protocol ManagedService: Sendable {
    /// Runs the service until its work is done, or until it is told to stop or cancelled.
    ///
    /// - Throws: ``ServiceFailure`` with `isPermanent`, or a ``WippyError`` that is not retryable, when another attempt
    ///   cannot help; any other error when another attempt may help.
    func run(ready: @escaping @Sendable () -> Void, stop: StopSignal) async throws

    /// Fields for the service's line in the log of the start, such as the address of a server. Default: none.
    var details: LogMetadata { get }

    /// The service's activity in the log of the start, such as `listens`. Default: nil, for a word that fits the
    /// service's role.
    var activity: String? { get }
}

extension ManagedService {
    /// The default: none.
    public var details: LogMetadata { [:] }

    /// The default: nil, for a word that fits the service's role.
    public var activity: String? { nil }
}
