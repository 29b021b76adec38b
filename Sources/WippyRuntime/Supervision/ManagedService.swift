public import WippyLog

/// What runs for an entry, under supervision: a server, a consumer, a database's connections.
///
/// - `run` is called once for each attempt, never concurrently with itself. After it returns or throws, it may be
///   called again.
/// - It calls `ready` once, as soon as others can rely on it. Nothing that needs the service starts before.
/// - When `stop` fires, it takes no new work, finishes its current work, and returns before the signal's deadline. A
///   consumer's queues have been drained by then, as far as time allowed, and nobody publishes to them any more.
/// - When its task is cancelled, it returns promptly, even with unfinished work.
/// - When it returns, nothing that it started may still run.
/// - Returning means that it is done. Throwing means that it failed; its restart policy decides what follows.
public protocol ManagedService: Sendable {
    /// Runs the service until it is done, told to stop, or cancelled.
    ///
    /// - Throws: ``ServiceFailure`` with `isPermanent`, or a ``WippyError`` that is not retryable, if another attempt
    ///   cannot help; any other error if another attempt may help.
    func run(ready: @escaping @Sendable () -> Void, stop: StopSignal) async throws

    /// Fields for the service's line in the log of the start, such as the address of a server; none by default.
    ///
    /// The runtime asks for them when the service is ready.
    var details: LogMetadata { get }

    /// The service's activity in that line of the log, such as `listens`. If nil, the runtime uses a word for the
    /// service's role.
    var activity: String? { get }
}

extension ManagedService {
    /// By default nothing.
    public var details: LogMetadata { [:] }

    /// By default nil: a word for the service's role.
    public var activity: String? { nil }
}

/// The failure of a service.
///
/// It says whether another attempt can help.
public struct ServiceFailure: Error, Hashable, CustomStringConvertible {
    /// What happened and what to do.
    public let message: String

    /// Whether another attempt must fail too, for example because the port is taken.
    public let isPermanent: Bool

    /// Creates a failure.
    public init(_ message: String, isPermanent: Bool = false) {
        self.message = message
        self.isPermanent = isPermanent
    }

    /// Reads the failure out of what a service threw.
    init(reading error: any Error) {
        switch error {
        case let failure as ServiceFailure: self = failure
        default:
            self.init(
                FailureReason.text(of: error), isPermanent: (error as? WippyError)?.isRetryable == false)
        }
    }

    /// The message.
    public var description: String { message }
}

/// When a service starts and stops among the others.
///
/// Services start rank by rank: a service waits for every required one of a lower rank. They stop in the reverse order,
/// where `StopOrder` leaves a choice. References between entries take precedence.
public enum ServiceRole: Int, Sendable, Comparable, CaseIterable {
    /// Others rely on it: a database, a queue driver, a process host.
    case resource
    /// Code that runs by itself: a migration, a worker. There is no limit on the time until it is ready.
    case process
    /// Takes work from a queue.
    case consumer
    /// Takes work from outside.
    case server

    /// Orders by rank.
    public static func < (left: ServiceRole, right: ServiceRole) -> Bool { left.rawValue < right.rawValue }
}
