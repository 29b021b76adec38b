/// Describes failures in words that may be logged and kept.
package enum FailureReason {
    /// The longest text about an error, in characters.
    package static let lengthMax = 500

    /// Returns the error's own description, with its cause if the cause adds information.
    ///
    /// An error without a description is described by its type, and by the case of an enumeration without values.
    ///
    /// Without a description, Swift would print all contents of the error, and these may be secrets.
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
