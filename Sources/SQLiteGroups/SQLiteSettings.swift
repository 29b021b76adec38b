import WippyText

/// The settings with which a database is opened.
///
/// The values at the declarations are the defaults.
public struct SQLiteSettings: Sendable, Equatable {
    /// The moments at which the database waits for the disk.
    ///
    /// Source: https://sqlite.org/pragma.html#pragma_synchronous.
    public enum Synchronous: String, Sendable, CaseIterable {
        /// A commit never waits.
        ///
        /// A power failure may damage the file.
        case off = "OFF"
        /// The database waits at checkpoints, when it moves its write-ahead log into the file, but not at each commit.
        ///
        /// A power failure may undo the last commits, but the file stays intact.
        case normal = "NORMAL"
        /// The database waits at each commit.
        ///
        /// A power failure undoes no commit.
        case full = "FULL"
        /// Like `full`.
        ///
        /// When the database deletes a journal, it also waits until the change of the folder is on the disk.
        case extra = "EXTRA"

        /// The number that `PRAGMA synchronous` returns.
        var number: Int64 {
            switch self {
            case .off: 0
            case .normal: 1
            case .full: 2
            case .extra: 3
            }
        }
    }

    /// The path of the database file, or `:memory:` for a database in memory, which ends with the ``SQLiteDatabase``.
    ///
    /// A relative path starts from the working directory. The path is taken literally: `file:`, `~`, `?`, `#` and `%`
    /// have no special meaning.
    public var path: String

    /// The number of connections that read beside the writer, each with its own thread.
    ///
    /// It must be in ``readersRange``.
    ///
    /// With 0, and for a database in memory, queries wait for their turn among the writes.
    public var readers = 4

    /// The allowed values of ``readers``.
    public static let readersRange = 0...64

    /// The longest time that a call waits for another process or for a transaction of this process.
    ///
    /// It must be in ``busyTimeoutRange``. After this time, the call throws `unavailable`. A call that waits for a
    /// transaction can wait longer while calls of the transaction run.
    public var busyTimeout: Duration = .seconds(5)

    /// The allowed values of ``busyTimeout``.
    public static let busyTimeoutRange: ClosedRange<Duration> = .zero ... .seconds(3600)

    /// The moments at which the database waits for the disk.
    public var synchronous: Synchronous = .normal

    /// True if the database enforces foreign keys.
    public var enforcesForeignKeys = false

    /// Further PRAGMAs for all connections.
    public var pragmas: [SQLitePragma] = []

    /// The time without a call after which a transaction is rolled back.
    ///
    /// It must be more than 0.
    public var transactionIdleTimeout: Duration = .seconds(30)

    /// The largest number of calls in each waiting line, at least 1.
    ///
    /// The writes have one line. The queries have another, unless they wait among the writes (see ``readers``). The
    /// calls of an open transaction have a third. When a line has this number of calls, a further call throws
    /// `unavailable` at once. ``SQLiteTransaction/commit()`` and ``SQLiteTransaction/rollback()`` have no such limit.
    public var maxWaiting = 10_000

    /// The largest number of prepared statements that each connection keeps; at least 1.
    ///
    /// The number of their bytes is limited, too, so a connection may keep fewer.
    public var maxCachedStatements = 128

    /// The largest number of bytes in the rows of one query (``SQLiteRows``), at least 1.
    ///
    /// Each cell counts for 16 bytes, and for the bytes of its text or blob. A query with more bytes throws `invalid`.
    /// In any statement, a text or a blob must not have more bytes either.
    public var maxResultBytes = 64 << 20

    /// Creates the default settings for a path.
    public init(path: String) {
        self.path = path
    }
}

extension SQLiteSettings {
    /// The path of a database in memory: `:memory:`.
    public static let memoryPath = ":memory:"

    /// True if the database is in memory.
    public var isInMemory: Bool { ExactText.areEqual(path, Self.memoryPath) }

    /// The path in a form that SQLite takes literally.
    ///
    /// SQLite may read a path that begins with `file:` as a URI, and gives a special meaning to some that begin with a
    /// colon.
    var literalPath: String {
        isInMemory || !(path.hasExactPrefix(":") || path.lowercasedASCII.hasExactPrefix("file:")) ? path : "./\(path)"
    }

    /// Throws an error if a value is out of its range.
    func validate() throws(SQLiteError) {
        let problem: String? =
            if path.isEmpty {
                "the database file's path is required"
            } else if path.utf8.contains(0) {
                "the database file's path holds a NUL byte"
            } else if !Self.readersRange.contains(readers) {
                "the number of readers is \(readers), but must be within \(Self.readersRange)"
            } else if !Self.busyTimeoutRange.contains(busyTimeout) {
                "the busy timeout is \(busyTimeout.inUnits), but must be within "
                    + "\(Self.busyTimeoutRange.lowerBound.inUnits)...\(Self.busyTimeoutRange.upperBound.inUnits)"
            } else if transactionIdleTimeout <= .zero {
                "a transaction's idle timeout must be above zero"
            } else if maxWaiting < 1 || maxCachedStatements < 1 || maxResultBytes < 1 {
                "every limit must be at least 1"
            } else {
                nil
            }
        if let problem {
            throw SQLiteError(.misuse, problem)
        }
    }
}
