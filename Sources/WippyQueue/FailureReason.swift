/// Says why a handler failed in words that may be logged and kept.
enum FailureReason {
    /// The longest text that is made of an error, in characters.
    static let lengthMax = 500

    /// The error's own description if it has one; else its type, and the case of an enumeration that carries nothing.
    ///
    /// Without a description Swift would print all that the error holds, and that may be a secret.
    static func text(of error: any Error) -> String {
        if let described = error as? any CustomStringConvertible {
            return String(described.description.prefix(lengthMax))
        }
        let type = String(describing: type(of: error))
        let mirror = Mirror(reflecting: error)
        guard mirror.displayStyle == .enum, mirror.children.isEmpty else { return type }
        return "\(type).\(error)"
    }
}
