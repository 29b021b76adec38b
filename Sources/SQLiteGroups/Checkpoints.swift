import CWippySQLite
import Glibc

/// Moves what the write-ahead log holds into the database: when it is long, and while the disk still has room for that.
///
/// Moving makes the database longer by up to as much as the log holds. A log that had taken all the room could not be
/// moved any more, and so would keep the room for ever.
///
/// Used by its connection's thread only.
final class Checkpoints {
    private let path: String
    private let pagesMax: CInt
    private let pageBytes: Int
    private var pagesSeen: CInt = 0

    /// For a database with pages of this many bytes, whose log is moved when it has `pagesMax` pages.
    init(path: String, pageBytes: Int, pagesMax: CInt) {
        self.path = path
        self.pageBytes = pageBytes
        self.pagesMax = pagesMax
    }

    /// Registers itself with a connection, which has to live no longer.
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
        guard pages >= pagesMax || lacksRoom(for: pages) else { return }
        // What readers still need stays, and its turn comes with a later commit.
        sqlite3_wal_checkpoint_v2(connection, nil, SQLITE_CHECKPOINT_PASSIVE, nil, nil)
    }

    /// Whether the disk has less room left than the log would need in the database; asked now and then.
    private func lacksRoom(for pages: CInt) -> Bool {
        if pages < pagesSeen { pagesSeen = 0 }
        guard pages >= pagesSeen + Self.pagesBetweenLooks else { return false }
        pagesSeen = pages
        var disk = statvfs()
        guard statvfs(path, &disk) == 0 else { return false }
        // As floats: some file systems report figures that no whole number holds.
        let room = Double(disk.f_bavail) * Double(disk.f_frsize)
        return room < Double(pages + Self.pagesBetweenLooks) * Double(pageBytes)
    }

    private static let pagesBetweenLooks: CInt = 16
}
