/// Says why something failed in words that may be logged and kept.
///
/// Use it for every error that you did not make yourself, such as a client library's or a handler's.
public enum FailureReason {
    /// The length at which a text is cut off, in characters.
    public static let lengthMax = 500

    /// Returns the error's description.
    ///
    /// If the error is a ``WippyError`` and its cause says more, the description of the cause follows.
    ///
    /// For an error without a description it returns the name of the type. If the error is a case of an enumeration
    /// without associated values, it also returns the name of the case. Swift would print everything that the error
    /// holds, and that may be a secret.
    public static func text(of error: any Error) -> String {
        String(whole(error).prefix(lengthMax))
    }

    private static func whole(_ error: any Error) -> String {
        if let error = error as? WippyError, let cause = error.cause {
            let reason = whole(cause)
            let isSaid = error.message.contains(reason) || reason.contains(error.message)
            return isSaid ? error.message : "\(error.message): \(reason)"
        }
        if let described = error as? any CustomStringConvertible { return described.description }
        let type = String(describing: type(of: error))
        let mirror = Mirror(reflecting: error)
        guard mirror.displayStyle == .enum, mirror.children.isEmpty else { return type }
        return "\(type).\(error)"
    }
}
