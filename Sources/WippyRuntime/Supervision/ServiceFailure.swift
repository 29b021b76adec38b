/// The failure of a service.
///
/// It tells whether another attempt can help.
public struct ServiceFailure: Error, Hashable, CustomStringConvertible {
    /// The problem, and advice if there is some.
    public let message: String

    /// True if another attempt cannot help, for example because the port is taken.
    public let isPermanent: Bool

    /// Creates a failure.
    ///
    /// By default, another attempt may help.
    public init(_ message: String, isPermanent: Bool = false) {
        self.message = message
        self.isPermanent = isPermanent
    }

    /// Creates the failure from the error that a service has thrown.
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
