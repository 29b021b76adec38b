import CWippySQLite
import Glibc

/// Moves the write-ahead log into the database when the log is long, or when the disk has little space left.
///
/// When the log is moved, the database may grow by the size of the log. If the log took all the space, it could never
/// be moved, and would keep the space for ever.
///
/// Only the thread of its connection uses it.
final class Checkpoints {
    private let path: String
    private let maxPages: CInt
    private let pageBytes: Int
    private var pagesSeen: CInt = 0

    /// Creates the checkpoints of a database with pages of `pageBytes` bytes.
    ///
    /// The log is moved when it has `maxPages` pages.
    init(path: String, pageBytes: Int, maxPages: CInt) {
        self.path = path
        self.pageBytes = pageBytes
        self.maxPages = maxPages
    }

    /// Registers itself with a connection.
    ///
    /// The connection must not live longer than this object.
    func attach(to connection: OpaquePointer) {
        sqlite3_wal_hook(
            connection,
            { context, connection, _, pages in
                guard let context, let connection else { return SQLITE_OK }
                Unmanaged<Checkpoints>.fromOpaque(context).takeUnretainedValue().commit(connection, pages: pages)
                return SQLITE_OK
            }, Unmanaged.passUnretained(self).toOpaque())
    }

    /// Called after a commit, with the number of pages in the log.
    private func commit(_ connection: OpaquePointer, pages: CInt) {
        guard pages >= maxPages || lacksRoom(for: pages) else { return }
        // Pages that readers still need stay in the log. A later commit moves them.
        sqlite3_wal_checkpoint_v2(connection, nil, SQLITE_CHECKPOINT_PASSIVE, nil, nil)
    }

    /// True if the disk has too little space to move the log into the database.
    ///
    /// The disk is asked only once in `pagesBetweenLooks` pages.
    private func lacksRoom(for pages: CInt) -> Bool {
        if pages < pagesSeen { pagesSeen = 0 }
        guard pages >= pagesSeen + Self.pagesBetweenLooks else { return false }
        pagesSeen = pages
        var disk = statvfs()
        guard statvfs(path, &disk) == 0 else { return false }
        // These are floats, because some file systems report numbers that no whole number of 64 bits can hold.
        let room = Double(disk.f_bavail) * Double(disk.f_frsize)
        return room < Double(pages + Self.pagesBetweenLooks) * Double(pageBytes)
    }

    private static let pagesBetweenLooks: CInt = 16
}
