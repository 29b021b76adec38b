import Glibc

/// What stands at a path.
enum FileKind {
    /// Whether a folder does; false if nothing does, or if it cannot be known.
    static func isFolder(_ path: String) -> Bool {
        var information = stat()
        return unsafe stat(path, &information) == 0 && information.st_mode & S_IFMT == S_IFDIR
    }
}
