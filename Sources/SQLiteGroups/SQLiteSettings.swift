import WippyText

/// The settings with which a database is opened.
public struct SQLiteSettings: Sendable, Equatable {
    /// How far a commit waits for the disk.
    ///
    /// Source: https://sqlite.org/pragma.html#pragma_synchronous.
    public enum Synchronous: String, Sendable, CaseIterable {
        /// It never waits. A power failure may damage the file.
        case off = "OFF"
        /// It waits at checkpoints. A power failure may undo the last commits, but the file stays sound.
        case normal = "NORMAL"
        /// It waits at each commit. A power failure undoes no commit.
        case full = "FULL"
        /// As `full`, and when a journal is deleted the folder is synchronised too.
        case extra = "EXTRA"

        /// The number that `PRAGMA synchronous` reads back.
        var number: Int64 {
            switch self {
            case .off: 0
            case .normal: 1
            case .full: 2
            case .extra: 3
            }
        }
    }

    /// The database file.
    ///
    /// A relative path starts from the working directory.
    ///
    /// The path is literal: `file:`, `~`, `?`, `#` and `%` mean nothing. The file and the folders above it are created
    /// if they are missing. `:memory:` is a database in memory, which ends with the `SQLiteDatabase`.
    public var path: String

    /// How many connections, each with its own thread, read beside the writer; in ``readersRange``.
    ///
    /// With 0, and in memory, queries wait their turn among the writes.
    public var readers = 4

    /// How many readers there may be.
    public static let readersRange = 0...64

    /// How long a statement waits for another process, or for a transaction of this one, before it is `unavailable`.
    ///
    /// It counts from the call, and is in ``busyTimeoutRange``; 0 means not at all.
    public var busyTimeout: Duration = .seconds(5)

    /// The possible values of ``busyTimeout``.
    public static let busyTimeoutRange: ClosedRange<Duration> = .zero ... .seconds(3600)

    /// How far a commit waits for the disk.
    public var synchronous: Synchronous = .normal

    /// Whether foreign keys are enforced; false by default, as in SQLite.
    public var enforcesForeignKeys = false

    /// More PRAGMAs for the connections.
    public var pragmas: [SQLitePragma] = []

    /// How long a transaction may go without a call before it is rolled back; more than 0.
    public var transactionIdleTimeout: Duration = .seconds(30)

    /// How many writes may wait for their turn, and how many queries.
    ///
    /// Past that, a call is `unavailable` at once.
    ///
    /// At least 1.
    public var waitingMax = 10_000

    /// How many prepared statements each connection keeps.
    ///
    /// Past that, the longest unused one is dropped.
    ///
    /// At least 1. Together they take at most a mebibyte, and statements with long texts are not kept.
    public var cachedStatementsMax = 128

    /// How many bytes the rows of one query may have in memory (`SQLiteRows`).
    ///
    /// Past that, the query is `invalid`. No text or blob may be longer, in any statement. At least 1.
    public var resultBytesMax = 64 << 20

    /// Creates the default settings for a path.
    public init(path: String) {
        self.path = path
    }
}

extension SQLiteSettings {
    /// The path of a database in memory.
    public static let memoryPath = ":memory:"

    /// Whether the database is in memory.
    public var isInMemory: Bool { ExactText.areEqual(path, Self.memoryPath) }

    /// The path in a form that SQLite takes by the letter.
    ///
    /// It may read a URI in one that begins with `file:`, and gives a meaning to some that begin with a colon.
    var literalPath: String {
        isInMemory || !(path.hasExactPrefix(":") || path.lowercasedASCII.hasExactPrefix("file:")) ? path : "./\(path)"
    }

    /// Throws for values out of their range.
    func validate() throws(SQLiteError) {
        let problem: String? =
            if path.isEmpty {
                "the database file's path is required"
            } else if path.utf8.contains(0) {
                "the database file's path holds a NUL byte"
            } else if !Self.readersRange.contains(readers) {
                "the number of readers is \(readers), but must be within \(Self.readersRange)"
            } else if !Self.busyTimeoutRange.contains(busyTimeout) {
                "the busy timeout is \(busyTimeout), but must be within \(Self.busyTimeoutRange)"
            } else if transactionIdleTimeout <= .zero {
                "a transaction's idle timeout must be above zero"
            } else if waitingMax < 1 || cachedStatementsMax < 1 || resultBytesMax < 1 {
                "limits must be at least 1"
            } else {
                nil
            }
        if let problem {
            throw SQLiteError(.misuse, problem)
        }
    }
}
