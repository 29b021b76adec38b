import WippyText

/// A path without symbolic links and dots, which shows if two paths lead to the same file.
///
/// If neither the file nor its folder exists, the links stay.
package struct FileIdentity: Hashable, Sendable {
    private let path: ExactText

    /// Creates the identity of the file at a path, which need not exist.
    package init(_ path: String) {
        let cleaned = Path.join(FileSystem.realPath(".") ?? ".", path)
        let folder = FileSystem.realPath(Path.parent(cleaned))
        self.path = ExactText(
            FileSystem.realPath(path) ?? folder.map { Path.join($0, Path.name(cleaned)) } ?? cleaned)
    }
}
