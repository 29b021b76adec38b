public import WippyText

/// A path in a definition file, in which `~` does not stand for a home folder.
public struct LiteralPath: CheckedText {
    /// The path.
    public let text: ExactText

    /// Creates a value without a check.
    public init(text: ExactText) {
        self.text = text
    }

    /// Checks a path.
    ///
    /// - Throws: ``FieldProblem`` for the problem that ``problem(with:)`` returns.
    public static func check(_ text: String, of node: Node) throws(FieldProblem) {
        if let problem = problem(with: text) { throw FieldProblem(problem) }
    }

    /// Returns the problem with a path that is blank, has a zero byte, or begins with `~` or `file:`; nil for any other
    /// path.
    ///
    /// Capitals in `file:` do not matter.
    ///
    /// - Parameter path: the path in the definition file.
    /// - Returns: the rest of a sentence that begins with the field's name.
    public static func problem(with path: String) -> String? {
        if path.trimmed.isEmpty { return "cannot be blank" }
        if path.utf8.contains(0) { return "cannot hold a zero byte" }
        if path.hasExactPrefix("~") {
            return "must be a literal path, got '\(path)': '~' does not stand for a home folder here. Write the "
                + "folder's path, or './\(path)' for a name that begins with '~'"
        }
        if path.lowercasedASCII.hasExactPrefix("file:") {
            return "must be a path and not a URI, got '\(path)': leave out '\(path.prefix(5))'"
        }
        return nil
    }
}
