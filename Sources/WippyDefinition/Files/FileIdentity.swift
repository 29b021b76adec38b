import WippyText

/// The identity of a file: two paths that lead to the same file have equal identities.
///
/// Symbolic links and dots in the paths do not matter. But if neither the file nor its folder exists, the links are not
/// followed. A hard link counts as a file of its own.
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
