import CWippySQLite
import Glibc
import WippySystem

extension SQLiteConnection {
    /// Opens the connection that writes.
    ///
    /// This switches to the write-ahead log.
    ///
    /// - Parameter creates: true to create the file and its folders if they are missing. Default: true.
    /// - Throws: `permissionDenied` if the file cannot be created or written, or if it is missing and is not created.
    static func writing(
        _ settings: SQLiteSettings, creates: Bool = true, interruption: Interruption
    ) throws(SQLiteError) -> SQLiteConnection {
        if creates, !settings.isInMemory {
            try makeParentFolder(of: settings.path)
        }
        if !creates, access(settings.literalPath, F_OK) != 0 {
            throw SQLiteError(.cannotOpen, "'\(settings.path)': \(SystemError.words(for: errno))")
        }
        let connection = try opened(settings, creates: creates, interruption: interruption)
        try connection.allowWaiting(settings)
        if !settings.isInMemory {
            guard try connection.control("PRAGMA journal_mode = WAL") == .text("wal") else {
                throw SQLiteError(
                    .cannotOpen, "'\(settings.path)' cannot use a write-ahead log: move it to a local file system")
            }
        }
        try connection.apply(of: settings)
        try connection.notePragmas(of: settings)
        if !settings.isInMemory {
            try connection.makeCheckpoints(of: settings.path)
        }
        return connection
    }

    /// Opens a connection that may write, without reading the file or changing it.
    ///
    /// - Parameter creates: true to create the file if it is missing.
    /// - Throws: `permissionDenied` if the file cannot be created, read or written.
    static func opened(
        _ settings: SQLiteSettings, creates: Bool, interruption: Interruption
    ) throws(SQLiteError) -> SQLiteConnection {
        let connection = try SQLiteConnection(
            path: settings.literalPath, flags: SQLITE_OPEN_READWRITE | (creates ? SQLITE_OPEN_CREATE : 0),
            maxStatements: settings.maxCachedStatements, interruption: interruption)
        guard !connection.isReadOnly, connection.mayLog else {
            throw SQLiteError(
                .readOnly, "'\(settings.path)' is read-only: check the permissions of the file and its folder")
        }
        return connection
    }

    /// Makes `Checkpoints` move the write-ahead log instead of SQLite, at the size that `wal_autocheckpoint` sets.
    private func makeCheckpoints(of path: String) throws(SQLiteError) {
        guard case .integer(let maxPages) = try control("PRAGMA wal_autocheckpoint"),
            case .integer(let pageBytes) = try control("PRAGMA page_size")
        else { return }
        make(Checkpoints(path: path, pageBytes: Int(pageBytes), maxPages: CInt(clamping: maxPages)))
    }

    /// Opens a connection that only reads.
    ///
    /// The writing connection must have opened the file before.
    static func reading(
        _ settings: SQLiteSettings, interruption: Interruption
    ) throws(SQLiteError) -> SQLiteConnection {
        let connection = try SQLiteConnection(
            path: settings.literalPath, flags: SQLITE_OPEN_READONLY,
            maxStatements: settings.maxCachedStatements, interruption: interruption)
        try connection.allowWaiting(settings)
        try connection.apply(of: settings)
        return connection
    }

    /// Applies the settings.
    ///
    /// A connection that only reads gets them too, so that it reports them correctly.
    private func apply(of settings: SQLiteSettings) throws(SQLiteError) {
        limitValues(to: settings.maxResultBytes)
        // This comes after the switch to WAL. The value is read back, because SQLite ignores a value that it does not
        // accept.
        try control("PRAGMA synchronous = \(settings.synchronous.rawValue)")
        guard try control("PRAGMA synchronous") == .integer(settings.synchronous.number) else {
            throw SQLiteError(.error, kind: .internal, "cannot set 'synchronous'")
        }
        try control("PRAGMA foreign_keys = \(settings.enforcesForeignKeys ? "ON" : "OFF")")
        for choice in SQLitePragma.choices {
            if let standard = choice.standard { try control("PRAGMA \(choice.name) = \(standard)") }
        }
        for pragma in settings.pragmas {
            try control("PRAGMA \(pragma.name) = \(pragma.value)")
        }
    }

    private func allowWaiting(_ settings: SQLiteSettings) throws(SQLiteError) {
        interruption.waitForLocks(atMost: settings.busyTimeout.nanoseconds)
        // The statement reads the file's head, so a file that is not a database is found now.
        try control("PRAGMA schema_version")
    }

    /// Creates the folders of `path` that do not exist.
    private static func makeParentFolder(of path: String) throws(SQLiteError) {
        var end = path.startIndex
        while let slash = path.unicodeScalars[end...].firstIndex(of: "/") {
            end = path.unicodeScalars.index(after: slash)
            let folder = String(path[..<slash])
            guard !folder.isEmpty, mkdir(folder, 0o777) != 0, errno != EEXIST else { continue }
            let number = errno
            // The process may have no access to an upper folder, although the folders below it exist.
            guard access(folder, F_OK) != 0 else { continue }
            throw cannotMakeFolder(folder, because: number)
        }
    }

    private static func cannotMakeFolder(_ folder: String, because number: Int32) -> SQLiteError {
        SQLiteError(.cannotOpen, "cannot make the database's folder '\(folder)': \(SystemError.words(for: number))")
    }
}

/// The permissions of folders.
extension SQLiteConnection {
    /// Returns the reason why a missing file cannot be created, or its folders; nil if there is none.
    static func obstacle(toCreating settings: SQLiteSettings) -> SQLiteError? {
        var information = stat()
        // The file that a link names may be created in another folder.
        guard lstat(settings.path, &information) != 0 else { return nil }
        var (folder, missing) = (folder(of: settings.path), String?.none)
        while !mayUse(folder, F_OK), folder != self.folder(of: folder) {
            (missing, folder) = (folder, self.folder(of: folder))
        }
        guard !mayUse(folder, W_OK | X_OK) else { return nil }
        let number = errno
        return missing.map { cannotMakeFolder($0, because: number) } ?? SQLiteError(.cannotOpen)
    }

    /// True if the write-ahead log is beside the file or can be created there.
    private var mayLog: Bool {
        let path = filePath
        return path.isEmpty || ["-wal", "-shm"].allSatisfy { Self.mayUse(path + $0, F_OK) }
            || Self.mayUse(Self.folder(of: path), W_OK | X_OK)
    }

    /// Returns the folder of a file or folder: the path up to its last slash, or `.`.
    private static func folder(of path: String) -> String {
        guard let slash = path.unicodeScalars.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// Returns true if the process has some permissions for a file or folder.
    ///
    /// The user whose permissions count is the one for whom the system checks them when the process opens files.
    private static func mayUse(_ path: String, _ permissions: Int32) -> Bool {
        faccessat(AT_FDCWD, path, permissions, AT_EACCESS) == 0
    }
}
