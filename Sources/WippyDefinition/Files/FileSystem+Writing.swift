import Glibc

extension FileSystem {
    /// Writes a text into a file, completely or not at all.
    ///
    /// An existing file keeps its mode and, if the system allows it, its owner. If the path is a symbolic link, the
    /// file to which the link leads is replaced. A new file has the permissions that the umask allows.
    static func replace(_ path: String, with text: String) throws(Failure) {
        var old = stat()
        let exists = unsafe stat(path, &old) == 0
        if exists, unsafe access(path, W_OK) != 0 { throw .lastCall(doing: "written") }
        guard let target = exists ? realPath(path) : path else { throw .lastCall(doing: "written") }
        let temporary = "\(target).\(getpid()).new"
        // Without this check, the file would replace a symbolic link that leads nowhere.
        var link = stat()
        if !exists, unsafe lstat(path, &link) == 0 { throw Failure(sentence: "is a broken link") }
        // A killed process with the same number may have left this file.
        unsafe unlink(temporary)
        let file = unsafe open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
        guard file >= 0 else { throw .lastCall(doing: "written") }
        if exists {
            // The owner comes first, because a new owner can remove bits from the mode. Only the superuser may give
            // files away.
            _ = fchown(file, old.st_uid, old.st_gid)
            _ = fchmod(file, old.st_mode & 0o7777)
        }
        let isWritten = append(Array(text.utf8), to: file) && fsync(file) == 0
        let isClosed = close(file) == 0
        guard isWritten, isClosed, unsafe rename(temporary, target) == 0 else {
            let failure = Failure.lastCall(doing: "written")
            unsafe unlink(temporary)
            throw failure
        }
    }

    /// Returns true if the path has a file, a folder or a symbolic link, even a link that leads nowhere.
    static func isTaken(_ path: String) -> Bool {
        var status = stat()
        return unsafe lstat(path, &status) == 0
    }

    /// Writes a new file, completely or not at all.
    static func create(_ path: String, with text: String) throws(Failure) {
        let file = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
        guard file >= 0 else { throw .lastCall(doing: "written") }
        let isWritten = append(Array(text.utf8), to: file)
        guard close(file) == 0, isWritten else {
            let failure = Failure.lastCall(doing: "written")
            removeFiles([path])
            throw failure
        }
    }

    private static func append(_ bytes: [UInt8], to file: Int32) -> Bool {
        var written = 0
        while written < bytes.count {
            let count = unsafe bytes[written...].withUnsafeBytes { unsafe write(file, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            written += count
        }
        return true
    }

    /// Creates a folder and the missing folders around it: all of them or none.
    ///
    /// - Returns: the created folders, the outermost first.
    static func makeFolder(_ path: String) throws(Failure) -> [String] {
        if let status = status(path) {
            guard status.kind == .folder else {
                throw Failure(
                    sentence: "cannot be created: something else has this name")
            }
            return []
        }
        let parent = Path.parent(path)
        let made = parent != path && parent != "." ? try makeFolder(parent) : []
        guard unsafe mkdir(path, 0o777) == 0 else {
            let failure = Failure.lastCall(doing: "made")
            removeFolders(made)
            throw failure
        }
        return made + [path]
    }

    /// Removes files.
    static func removeFiles(_ paths: [String]) {
        for path in paths { unsafe unlink(path) }
    }

    /// Removes folders that have just been created and are still empty.
    static func removeFolders(_ made: [String]) {
        for folder in made.reversed() { unsafe rmdir(folder) }
    }
}
