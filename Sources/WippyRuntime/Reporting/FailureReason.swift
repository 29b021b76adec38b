/// Says why something failed in words that may be logged and kept.
package enum FailureReason {
    /// The longest text that is made of an error, in characters.
    package static let lengthMax = 500

    /// The error's own description if it has one, with its cause if that says more; else its type, and the case of an
    /// enumeration that carries nothing.
    ///
    /// Without a description Swift would print all that the error holds, and that may be a secret.
    package static func text(of error: any Error) -> String {
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
