public import WippyLog

/// Something that runs for as long as the application does.
///
/// - `run` is called once per attempt, never concurrently with itself; after it returns or throws it may be called
///   again.
/// - It calls `ready` once, as soon as others may rely on it. Until then nothing that needs it starts.
/// - When `stop` fires it takes no new work, finishes what it has, and returns before the signal's deadline. Nothing
///   publishes any more to the queues that it consumes, and what they held is done, as far as the time allowed it.
/// - When its task is cancelled it returns promptly, even with work unfinished.
/// - When it has returned, nothing that it started is still running.
/// - Returning means that it is done; throwing means that it failed, and its policy decides what follows.
public protocol ManagedService: Sendable {
    /// Runs the service until it is done, told to stop, or cancelled.
    ///
    /// - Throws: ``ServiceFailure`` with `isPermanent`, or a ``WippyError`` that is not retryable, when trying again
    ///   cannot help; any other error is a failure that another attempt may mend.
    func run(ready: @escaping @Sendable () -> Void, stop: StopSignal) async throws

    /// What the line of the start that names the service says of it beside: where a server listens.
    ///
    /// Asked for when it is ready; by default nothing.
    var details: LogMetadata { get }

    /// What that line says that the service does, such as `listens`; nil is the word of its role.
    var activity: String? { get }
}

extension ManagedService {
    /// By default nothing.
    public var details: LogMetadata { [:] }

    /// By default the word of its role.
    public var activity: String? { nil }
}

/// Why a service failed, when it can say whether trying again makes sense.
public struct ServiceFailure: Error, Hashable, CustomStringConvertible {
    /// What happened and what to do.
    public let message: String

    /// Whether another attempt must fail too: the port is taken, the file cannot be written.
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

/// When a service runs among the others, if no edge says otherwise.
///
/// Starting goes upwards, rank by rank: a service waits for every required one of a lower rank. Stopping goes
/// downwards, where ``StopOrder`` leaves a choice.
public enum ServiceRole: Int, Sendable, Comparable, CaseIterable {
    /// What others stand on: databases, queue drivers, process hosts.
    case resource
    /// Code that runs by itself: a migration, a worker. It may take as long as it likes to become ready.
    case process
    /// What takes work out of a queue.
    case consumer
    /// What takes work from outside.
    case server

    /// Orders by rank.
    public static func < (left: ServiceRole, right: ServiceRole) -> Bool { left.rawValue < right.rawValue }
}
