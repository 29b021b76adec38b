import WippyText

/// How a database is opened.
public struct SQLiteSettings: Sendable, Equatable {
    /// How far a commit waits for the disk.
    ///
    /// Source: https://sqlite.org/pragma.html#pragma_synchronous.
    public enum Synchronous: String, Sendable, CaseIterable {
        /// Never waits: after a power failure the file may be damaged.
        case off = "OFF"
        /// Waits at checkpoints: after a power failure the last commits may be missing, the file is sound.
        case normal = "NORMAL"
        /// Waits at each commit: what was committed is there after a power failure.
        case full = "FULL"
        /// As `full`, and the folder is synchronised too where a journal is deleted.
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

    /// The database file, relative to the working directory unless absolute.
    ///
    /// The path is literal: `file:`, `~`, `?`, `#` and `%` mean nothing. The file and its parent folders are made if
    /// they are missing. `:memory:` stands for a database that lives in memory as long as the `SQLiteDatabase`.
    public var path: String

    /// How many connections, each with a thread of its own, read beside the writer; in ``readersRange``.
    ///
    /// With 0, and in memory, queries take their turn among the writes.
    public var readers = 4

    /// How many readers there may be.
    public static let readersRange = 0...64

    /// How long a statement waits for another process, or for a transaction of this one, before it is `unavailable`.
    ///
    /// Counted from the call, in ``busyTimeoutRange``; 0: not at all.
    public var busyTimeout: Duration = .seconds(5)

    /// How long a statement may be told to wait.
    public static let busyTimeoutRange: ClosedRange<Duration> = .zero ... .seconds(3600)

    /// How far a commit waits for the disk.
    public var synchronous: Synchronous = .normal

    /// Whether foreign keys are enforced; unless set they are not, as in SQLite.
    public var enforcesForeignKeys = false

    /// Further PRAGMAs of the connections.
    public var pragmas: [SQLitePragma] = []

    /// How long a transaction may stay without a call before it is rolled back; above 0.
    public var transactionIdleTimeout: Duration = .seconds(30)

    /// How many writes may wait for their turn, and how many queries; past it a call is `unavailable` at once.
    ///
    /// At least 1.
    public var waitingMax = 10_000

    /// How many prepared statements each connection keeps; past it the one not used for longest goes.
    ///
    /// At least 1. They take a mebibyte at most, and those of long texts are not kept.
    public var cachedStatementsMax = 128

    /// How many bytes the rows of one query that are kept in memory (`SQLiteRows`) may have.
    ///
    /// Past it the query is `invalid`. No text or blob may be longer, whoever reads it. At least 1.
    public var resultBytesMax = 64 << 20

    /// The defaults, for a path.
    public init(path: String) {
        self.path = path
    }
}

extension SQLiteSettings {
    /// The path that stands for a database in memory.
    public static let memoryPath = ":memory:"

    /// Whether the database lives in memory.
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
                "there are \(readers) readers, and there may be \(Self.readersRange)"
            } else if !Self.busyTimeoutRange.contains(busyTimeout) {
                "the busy timeout is \(busyTimeout), and may be \(Self.busyTimeoutRange)"
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
