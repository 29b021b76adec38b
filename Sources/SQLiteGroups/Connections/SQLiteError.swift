import CWippySQLite
import Glibc
import WippySystem
public import WippyText

/// An error of a database, with SQLite's result code and a sentence for people.
public struct SQLiteError: Error, Sendable, Equatable {
    /// The kinds of a database's errors.
    public enum Kind: Sendable, Hashable {
        /// A row with this key already exists: the statement violates a UNIQUE or PRIMARY KEY constraint.
        case alreadyExists
        /// The call is wrong, or its statement violates another constraint.
        case invalid
        /// The database cannot do this now, for example because it is locked.
        ///
        /// The same call may succeed later, unless the database is closed or the call's transaction has ended.
        case unavailable
        /// The file cannot be opened, written or created, or the statement is not allowed here.
        case permissionDenied
        /// The file is damaged or is not a database, or SQLite failed for a reason that the caller cannot change.
        case `internal`
    }

    /// SQLite's result code; an extended code if SQLite has one for the error.
    ///
    /// For an error that this library itself detects, it is the code that fits best.
    public let code: SQLiteResultCode

    /// The kind of the error.
    public let kind: Kind

    /// The error as a sentence for people: the problem, and advice if there is some.
    public let message: String

    /// The name of the PRAGMA that the statement must not set, in lower case; nil if the error has another reason.
    public let refusedPragma: ExactText?

    /// True if the kind is `unavailable`.
    public var isRetryable: Bool { kind == .unavailable }

    /// True if the call was refused because the database was closed.
    public var isClosed: Bool { self == .closed }

    /// True if the file or its log cannot grow.
    var isForWantOfRoom: Bool { code.primary == .full || code.primary == .ioError }

    init(_ code: SQLiteResultCode, kind: Kind? = nil, _ message: String, refusing pragma: ExactText? = nil) {
        self.code = code
        refusedPragma = pragma
        self.kind = kind ?? code.kind
        self.message = message
    }
}

extension SQLiteError: CustomStringConvertible {
    /// The message and the result code.
    public var description: String { "\(message) (SQLite result \(code.rawValue))" }
}

extension SQLiteError {
    /// The last error of `connection`, with the code that SQLite returned.
    ///
    /// - Parameter hidden: values that must not appear in the message.
    static func last(_ code: Int32, of connection: OpaquePointer?, hiding hidden: [SQLiteValue] = []) -> SQLiteError {
        let code = SQLiteResultCode(rawValue: code)
        // The authorizer refuses every other statement while it is prepared, with an error of its own.
        if code.primary == .authorization { return .copyRefused }
        guard let connection, let text = sqlite3_errmsg(connection) else { return SQLiteError(code, code.meaning) }
        var message = String(cString: text)
        if sqlite3_system_errno(connection) == EMFILE, code.primary == .cannotOpen || code.primary == .ioError {
            return SQLiteError(code, "\(message): \(SystemError.words(for: EMFILE))")
        }
        if !code.isExplainedBySchema {
            message = redacted(message, hiding: hidden, or: code.meaning)
        }
        return SQLiteError(code, withRemedyFor: message)
    }

    /// Creates the error with SQLite's own words for a code.
    init(_ code: SQLiteResultCode) {
        self.init(code, withRemedyFor: code.meaning)
    }

    private init(_ code: SQLiteResultCode, withRemedyFor message: String) {
        self.init(code, code.remedy.map { "\(message); \($0)" } ?? message)
    }

    static let transactionOnlyReads = SQLiteError(
        .readOnly, kind: .invalid, "the transaction is read-only, but the statement changes something")

    /// The error of a statement that would write a copy of the database.
    static let copyRefused = SQLiteError(
        .authorization,
        "VACUUM INTO is not allowed, because it writes another file: copy the database from outside, with the program "
            + "sqlite3")

    static let closed = SQLiteError(.misuse, kind: .unavailable, "the database is closed")
}
