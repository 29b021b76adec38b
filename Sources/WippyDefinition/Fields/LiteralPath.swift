import WippyText

/// A path in a definition file, which is taken literally: nothing in it is expanded.
public enum LiteralPath {
    /// What is wrong with a path that would need an expansion: the sentence after the field's name; nil for any other
    /// path.
    ///
    /// - Parameter path: the path as it is written.
    public static func problem(with path: String) -> String? {
        if path.hasExactPrefix("~") {
            return "must be a literal path, got '\(path)': '~' stands for no home folder here, so write that folder's "
                + "path; for a name that begins with '~' write './\(path)'"
        }
        if path.lowercasedASCII.hasExactPrefix("file:") {
            return "must be a path and not a URI, got '\(path)': leave out '\(path.prefix(5))'"
        }
        return nil
    }
}
