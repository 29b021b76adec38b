import WippyText

/// The identity of a file, by which you can compare paths.
///
/// Two paths to one existing file have equal identities, even if symbolic links or dots are in the paths. A hard link
/// counts as a file of its own. If a file does not exist, some links in its path may not be followed.
public struct FileIdentity: Hashable, Sendable {
    private let path: ExactText

    /// Creates the identity of the file at a path.
    ///
    /// The file need not exist.
    public init(_ path: String) {
        let cleaned = Path.join(FileSystem.realPath(".") ?? ".", path)
        let folder = FileSystem.realPath(Path.parent(cleaned))
        self.path = ExactText(
            FileSystem.realPath(path) ?? folder.map { Path.join($0, Path.name(cleaned)) } ?? cleaned)
    }
}
