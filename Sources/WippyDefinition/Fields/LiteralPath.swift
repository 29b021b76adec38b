import WippyText

/// Checks the paths in definition files.
///
/// Nothing in such a path is expanded.
public enum LiteralPath {
    /// Returns the problem with a path that begins with `~` or `file:`; nil for any other path.
    ///
    /// - Parameter path: the path in the definition file.
    /// - Returns: the rest of a sentence that begins with the field's name.
    public static func problem(with path: String) -> String? {
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
