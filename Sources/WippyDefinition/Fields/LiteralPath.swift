import WippyText

/// What a path in a definition file means: the file of that very name.
///
/// Nothing in it is expanded.
public enum LiteralPath {
    /// What is wrong with a path that asks for an expansion, to be read after the field's name; nil for any other.
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
