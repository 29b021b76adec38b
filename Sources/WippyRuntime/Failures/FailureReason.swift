import WippyText

/// Describes why something failed, in words that you can log and keep.
///
/// Use it for every error that you did not make yourself, such as a client library's or a handler's.
public enum FailureReason {
    /// The length at which a text is cut off, in characters.
    public static let maxLength = 500

    /// Returns the error's description, with that of its cause if it has one, cut off at ``maxLength`` characters.
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
