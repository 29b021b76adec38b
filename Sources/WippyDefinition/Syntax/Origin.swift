/// Where a value was taken from, when that is not where it stands.
public enum Origin: Hashable, Sendable {
    /// The file that `file://` names, by its path.
    case file(String)
    /// The variables whose texts it is made of.
    case variables([VariableUse])
    /// A variable that has no value, which has been reported: nothing is said of the value.
    case missingVariable

    /// Where from, for the end of a sentence: ` from the variable APP_ADDR`.
    var words: String {
        switch self {
        case .file(let path): " from \(path)"
        case .variables(let uses) where uses.count == 1: " from the variable \(uses[0].name)"
        case .variables(let uses): " from the variables \(uses.map(\.name).joined(separator: ", "))"
        case .missingVariable: ""
        }
    }
}

/// A variable that a value was taken from.
public struct VariableUse: Hashable, Sendable {
    /// The name that the value writes: `APP_ADDR`, or `app:address`.
    public let name: String

    /// Where the variable's text stands: a place in a file, or `the environment`.
    public let place: Location
}
