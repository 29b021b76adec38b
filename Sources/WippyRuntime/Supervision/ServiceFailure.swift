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
