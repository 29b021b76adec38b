import Glibc
public import WippyText

/// The variables of the process's environment.
public struct SystemVariables: Sendable {
    private let texts: [ExactText: String]?

    /// False if another environment may have more variables.
    ///
    /// Then a missing variable is not an error. A value that needs it is not checked.
    let isComplete: Bool

    /// The variables of this process.
    public static let process = SystemVariables(texts: nil)

    /// Creates a process's environment that has only the given variables.
    public init(_ texts: [ExactText: String]) {
        self.init(texts: texts)
    }

    private init(texts: [ExactText: String]?, isComplete: Bool = true) {
        (self.texts, self.isComplete) = (texts, isComplete)
    }

    /// The same variables, of which some may be missing.
    package var incomplete: SystemVariables { SystemVariables(texts: texts, isComplete: false) }

    /// The place that a diagnostic shows for a text from the process's environment.
    public static let place = Location(source: "the environment")

    /// Returns the text of a variable; nil if there is no such variable, or if its text is empty or not UTF-8.
    public subscript(name: String) -> String? {
        let text: String?
        if let texts {
            text = texts[ExactText(name)]
        } else {
            guard !name.utf8.contains(0), let found = unsafe getenv(name) else { return nil }
            text = unsafe String(validatingCString: found)
        }
        return text?.isEmpty == true ? nil : text
    }
}
