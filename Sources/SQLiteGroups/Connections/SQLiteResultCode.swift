import CWippySQLite

/// A result code of SQLite, primary or extended.
///
/// In a `switch`, a primary code matches all its extended codes: `case .constraint` also matches `.constraintUnique`.
/// The operator `==` compares exactly. Source: https://sqlite.org/rescode.html.
public struct SQLiteResultCode: RawRepresentable, Sendable, Hashable {
    /// The number in SQLite's C interface.
    public let rawValue: Int32

    /// Creates a code from its number.
    public init(rawValue: Int32) {
        self.rawValue = rawValue
    }

    /// The primary code: the lowest eight bits.
    public var primary: SQLiteResultCode { SQLiteResultCode(rawValue: rawValue & 0xff) }

    /// True if `code` equals `pattern`, or if it is an extended code of `pattern`.
    public static func ~= (pattern: SQLiteResultCode, code: SQLiteResultCode) -> Bool {
        pattern == code || pattern == code.primary
    }

    /// The statement is wrong, or SQLite has no other code for the error.
    public static let error = Self(rawValue: SQLITE_ERROR)
    /// The transaction was rolled back, while a statement ran or between two calls.
    public static let abort = Self(rawValue: SQLITE_ABORT)
    /// The file system denies access.
    public static let permission = Self(rawValue: SQLITE_PERM)
    /// Another connection or transaction holds the database, or too many calls wait for their turn.
    public static let busy = Self(rawValue: SQLITE_BUSY)
    /// Another statement of the same connection holds a table.
    public static let locked = Self(rawValue: SQLITE_LOCKED)
    /// There is not enough memory, or a thread cannot be started.
    public static let noMemory = Self(rawValue: SQLITE_NOMEM)
    /// The database cannot be written, or the transaction only reads.
    public static let readOnly = Self(rawValue: SQLITE_READONLY)
    /// The database file was moved, removed or replaced while it was open.
    public static let readOnlyMoved = Self(rawValue: SQLITE_READONLY | (4 << 8))
    /// The statement was interrupted.
    public static let interrupt = Self(rawValue: SQLITE_INTERRUPT)
    /// The operating system failed to read or write.
    public static let ioError = Self(rawValue: SQLITE_IOERR)
    /// The file ended before all bytes were read.
    static let ioErrorShortRead = Self(rawValue: SQLITE_IOERR | (2 << 8))
    /// The disk has not confirmed that it has the written bytes.
    public static let ioErrorFlush = Self(rawValue: SQLITE_IOERR | (4 << 8))
    /// The file is damaged.
    public static let corrupt = Self(rawValue: SQLITE_CORRUPT)
    /// There is no room left, for example on the disk.
    public static let full = Self(rawValue: SQLITE_FULL)
    /// The file cannot be opened or created.
    public static let cannotOpen = Self(rawValue: SQLITE_CANTOPEN)
    /// The locking protocol of the write-ahead log failed.
    public static let protocolError = Self(rawValue: SQLITE_PROTOCOL)
    /// A text, a blob, a statement or the rows of a query are too large.
    public static let tooBig = Self(rawValue: SQLITE_TOOBIG)
    /// A constraint was violated.
    public static let constraint = Self(rawValue: SQLITE_CONSTRAINT)
    /// A CHECK constraint was violated.
    static let constraintCheck = Self(rawValue: SQLITE_CONSTRAINT | (1 << 8))
    /// A FOREIGN KEY constraint was violated.
    public static let constraintForeignKey = Self(rawValue: SQLITE_CONSTRAINT | (3 << 8))
    /// A NOT NULL constraint was violated.
    public static let constraintNotNull = Self(rawValue: SQLITE_CONSTRAINT | (5 << 8))
    /// A PRIMARY KEY constraint was violated.
    public static let constraintPrimaryKey = Self(rawValue: SQLITE_CONSTRAINT | (6 << 8))
    /// A trigger refused a change with RAISE.
    static let constraintTrigger = Self(rawValue: SQLITE_CONSTRAINT | (7 << 8))
    /// A UNIQUE constraint was violated.
    public static let constraintUnique = Self(rawValue: SQLITE_CONSTRAINT | (8 << 8))
    /// A row with this rowid exists already.
    public static let constraintRowID = Self(rawValue: SQLITE_CONSTRAINT | (10 << 8))
    /// A value has the wrong type for its column in a STRICT table.
    static let constraintDataType = Self(rawValue: SQLITE_CONSTRAINT | (12 << 8))
    /// A value is no whole number where SQLite needs one: in a column of the type INTEGER PRIMARY KEY, or after LIMIT.
    public static let mismatch = Self(rawValue: SQLITE_MISMATCH)
    /// The library was used in a way that it does not allow, or the database is closed.
    public static let misuse = Self(rawValue: SQLITE_MISUSE)
    /// The statement is not allowed.
    public static let authorization = Self(rawValue: SQLITE_AUTH)
    /// The number of arguments is not the number of parameters.
    public static let range = Self(rawValue: SQLITE_RANGE)
    /// The file is not a database.
    public static let notADatabase = Self(rawValue: SQLITE_NOTADB)
}

extension SQLiteResultCode {
    /// SQLite's own words for the code.
    var meaning: String { String(cString: sqlite3_errstr(rawValue)) }

    /// The kind of an error with this code.
    var kind: SQLiteError.Kind {
        switch self {
        case .constraintUnique, .constraintPrimaryKey, .constraintRowID: .alreadyExists
        case .error, .misuse, .range, .mismatch, .tooBig, .constraint: .invalid
        case .busy, .locked, .full, .ioError, .noMemory, .protocolError, .readOnlyMoved, .interrupt, .abort:
            .unavailable
        case .readOnly, .authorization, .cannotOpen, .permission: .permissionDenied
        default: .internal
        }
    }

    /// True if SQLite's message for the code has no other words than its own and those of the schema.
    ///
    /// It has no arguments then.
    var isExplainedBySchema: Bool {
        switch self {
        case .constraintCheck, .constraintForeignKey, .constraintNotNull, .constraintPrimaryKey, .constraintUnique,
            .constraintRowID, .constraintDataType:
            true
        // Before this version, a trigger cannot compute its message.
        case .constraintTrigger: sqlite3_libversion_number() < 3_047_000
        default: false
        }
    }

    /// The advice for an error with this code, as the second half of a sentence; nil if there is none.
    var remedy: String? {
        switch self {
        case .busy: "another process or connection holds the file; try again"
        case .full: "free disk space or raise the limit, then try again"
        case .ioError: "check the disk and the file system, then try again"
        case .readOnlyMoved: "put the file back or open the database again"
        case .readOnly, .cannotOpen, .permission: "check that the file and its folder exist and are writable"
        case .corrupt, .notADatabase: "restore the file from a backup"
        default: nil
        }
    }
}
