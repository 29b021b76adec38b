import WippyText

/// How a database is opened.
public struct SQLiteConfiguration: Sendable, Equatable {
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

    /// How many connections, each with a thread of its own, read beside the writer: 0 through 64, by default 4.
    ///
    /// With 0, and in memory, queries take their turn among the writes.
    public var readers = 4

    /// How long a statement waits for another process, or for a transaction of this one, before it is `unavailable`.
    ///
    /// 5 seconds by default, counted from the call. 0: not at all.
    public var busyTimeout: Duration = .seconds(5)

    /// How far a commit waits for the disk; by default `normal`.
    public var synchronous: Synchronous = .normal

    /// Whether foreign keys are enforced; by default not, as in SQLite.
    public var enforcesForeignKeys = false

    /// Further settings of the connections; by default none.
    public var pragmas: [SQLitePragma] = []

    /// How long a transaction may stay without a call before it is rolled back; by default 30 seconds.
    public var transactionIdleTimeout: Duration = .seconds(30)

    /// How many writes may wait for their turn, and how many queries; past it a call is `unavailable` at once.
    ///
    /// At least 1, by default 10,000.
    public var waitingMax = 10_000

    /// How many prepared statements each connection keeps; past it the one not used for longest goes.
    ///
    /// At least 1, by default 128. They take a mebibyte at most, and those of long texts are not kept.
    public var cachedStatementsMax = 128

    /// How many bytes the rows of one query that are kept in memory (`SQLiteRows`) may have.
    ///
    /// Past it the query is `invalid`. At least 1, by default 64 MiB.
    public var resultBytesMax = 64 << 20

    /// A configuration with every default.
    public init(path: String) {
        self.path = path
    }
}

extension SQLiteConfiguration {
    var isInMemory: Bool { path == ":memory:" }

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
            } else if !(0...64).contains(readers) {
                "readers must be 0 through 64, got \(readers)"
            } else if busyTimeout < .zero || transactionIdleTimeout <= .zero {
                "timeouts must not be negative, and a transaction's idle timeout not zero"
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
