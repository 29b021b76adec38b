import WippyText

/// The identity of a file: equal for all paths that lead to one file, also if the file does not exist yet.
///
/// Links in the path of a file that does not exist count only if its folder exists.
package struct FileIdentity: Hashable, Sendable {
    private let path: ExactText

    /// Creates the identity of the file at a path.
    package init(_ path: String) {
        let cleaned = Path.join(FileSystem.realPath(".") ?? ".", path)
        let folder = FileSystem.realPath(Path.parent(cleaned))
        self.path = ExactText(
            FileSystem.realPath(path) ?? folder.map { Path.join($0, Path.name(cleaned)) } ?? cleaned)
    }
}
