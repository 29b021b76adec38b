/// Describes errors in words for people.
public enum ErrorText {
    /// Returns the error's description.
    ///
    /// For an error that is not `CustomStringConvertible`, it returns the name of the type. If such an error is a case
    /// without associated values, and not `CustomDebugStringConvertible`, the name of the case follows:
    /// `Failure.timeout`. Swift's own text would have everything that the error holds, and that may be a secret.
    public static func description(of error: any Error) -> String {
        if let described = error as? any CustomStringConvertible { return described.description }
        let type = String(describing: type(of: error))
        let mirror = Mirror(reflecting: error)
        guard mirror.displayStyle == .enum, mirror.children.isEmpty, !(error is any CustomDebugStringConvertible) else {
            return type
        }
        return "\(type).\(error)"
    }
}
