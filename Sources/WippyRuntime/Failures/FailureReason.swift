import WippyText

/// Describes why something failed, in words that you can log and keep.
///
/// Use it for every error that you did not make yourself, such as a client library's or a handler's.
public enum FailureReason {
    /// The length at which a text is cut off, in characters.
    public static let maxLength = 500

    /// Returns the error's description, cut off at ``maxLength`` characters.
    ///
    /// For a ``WippyError`` with a cause, the text also has the description of the cause. An error that is not
    /// `CustomStringConvertible` is described only by its type, or by its type and case.
    public static func text(of error: any Error) -> String {
        String(whole(error).prefix(maxLength))
    }

    private static func whole(_ error: any Error) -> String {
        if let error = error as? WippyError, let cause = error.cause {
            let reason = whole(cause)
            if error.message.contains(reason) { return error.message }
            return reason.contains(error.message) ? reason : "\(error.message): \(reason)"
        }
        return ErrorText.description(of: error)
    }
}
