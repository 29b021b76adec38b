import WippyText

/// Checks paths in definition files.
///
/// A path is taken literally: nothing in it is expanded.
public enum LiteralPath {
    /// Returns the problem with a path that begins with `~` or `file:`; nil for any other path.
    ///
    /// The text follows the field's name in a sentence.
    ///
    /// - Parameter path: the path in the definition file.
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
