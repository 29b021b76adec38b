/// The origin of a value that the definition file does not have itself: another file, or a variable.
public enum Origin: Hashable, Sendable {
    /// The path of the file that a `file://` value names.
    case file(String)
    /// The variables whose texts are in the value.
    case variables([VariableUse])
    /// A variable without a value.
    case missingVariable

    /// The origin in words, for the end of a sentence, such as ` from the variable APP_ADDR`.
    var words: String {
        switch self {
        case .file(let path): " from \(path)"
        case .variables(let uses) where uses.count == 1: " from the variable \(uses[0].name)"
        case .variables(let uses): " from the variables \(uses.map(\.name).joined(separator: ", "))"
        case .missingVariable: ""
        }
    }
}

/// The use of a variable in a value.
public struct VariableUse: Hashable, Sendable {
    /// The variable's name in the value, such as `APP_ADDR` or `app:address`.
    public let name: String

    /// The place of the variable's text, such as a place in a file or `the environment`.
    public let place: Location
}
