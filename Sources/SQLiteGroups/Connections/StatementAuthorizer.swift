import CWippySQLite
import Glibc
import WippyText

/// Sees the actions of each statement while SQLite prepares it, and refuses statements with a lasting effect on a
/// connection.
///
/// The actions come from SQLite's own parser and not from the text, because comments, EXPLAIN and CTEs may hide a
/// statement's verb. Only the thread of its connection uses it.
final class StatementAuthorizer {
    /// The origin of the prepared statement.
    enum Origin {
        /// This library, or SQLite itself while a statement runs.
        case library
        /// A caller, as one statement.
        case statement
        /// A caller, as one of several statements in a text.
        case script
    }

    /// Effects of callers' statements that outlast the statements.
    struct Leftovers {
        /// A script has changed PRAGMAs.
        var pragmas = false
        /// A transaction has made temporary tables, or other temporary objects.
        var temporaries = false
    }

    /// The connection's PRAGMAs; nil for a connection that only reads, which changes no PRAGMA.
    var pragmas: ConnectionPragmas?

    /// True if a caller holds the connection until its transaction ends.
    var isHeld = false

    /// True while the connection writes a copy of its file, with this library's own statement.
    var writesCopy = false

    /// The effects that must be undone when the script or the transaction ends.
    var leftovers = Leftovers()

    /// The error that refuses the statement that was prepared last; nil if it is allowed.
    private(set) var refusal: SQLiteError?

    /// True if the statement that was prepared last inserts rows itself, not only by triggers.
    ///
    /// CREATE TABLE does not count, although it inserts a row into the schema.
    var inserts: Bool { insertsRows && !doesMore }

    /// True if the statement that was prepared last may run again later, with the same verdict.
    var isLasting: Bool { !isPragma && !makesTemporaries }

    /// True if the statement is a PRAGMA.
    ///
    /// A statement does not count as a PRAGMA if only the tables of an extension use PRAGMAs while they are opened.
    private var isPragma: Bool { mentionsPragma && !selects && !changesRows }

    private var origin = Origin.library
    private var isInTransaction = false
    private var mentionsPragma = false
    private var actsByPragma = false
    private var selects = false
    private var readsPragmas = false
    private var insertsRows = false
    private var makesTemporaries = false
    private var changesRows = false
    private var doesMore = false

    /// Runs `prepare`, which prepares a statement of `origin`.
    ///
    /// - Parameter isInTransaction: true if a transaction is open that the caller can end.
    func observing<Result>(_ origin: Origin, isInTransaction: Bool, _ prepare: () -> Result) -> Result {
        self.origin = origin
        self.isInTransaction = isInTransaction
        refusal = nil
        mentionsPragma = false
        actsByPragma = false
        selects = false
        readsPragmas = false
        makesTemporaries = false
        insertsRows = false
        changesRows = false
        doesMore = false
        defer { self.origin = .library }
        return prepare()
    }

    /// True if the statement that was prepared last changes nothing, wherever it must run.
    func onlyReads(_ statement: OpaquePointer) -> Bool {
        // A PRAGMA may act while it is prepared, even in an EXPLAIN. Of a PRAGMA and an EXPLAIN, SQLite does not tell
        // whether they only read.
        guard !actsByPragma else { return false }
        return isPragma || sqlite3_stmt_isexplain(statement) != 0 || sqlite3_stmt_readonly(statement) != 0
    }

    /// The effect of the statement that was prepared last.
    func effect(of statement: OpaquePointer, sql: String) -> SQLiteStatement.Effect {
        if sqlite3_stmt_readonly(statement) != 0 {
            // PRAGMA and similar statements concern one connection, so they must always run on the same one.
            return doesMore || changesRows || isPragma || readsPragmas ? .runsAlone : .reads
        }
        let isGroupable = changesRows && !doesMore && !sql.contains(word: "rollback")
        return isGroupable ? .changesRows : .runsAlone
    }

    /// Registers itself with a connection.
    ///
    /// The connection must not live longer than this object.
    func attach(to connection: OpaquePointer) {
        sqlite3_set_authorizer(
            connection,
            { context, action, first, second, database, trigger in
                guard let context else { return SQLITE_DENY }
                let authorizer = Unmanaged<StatementAuthorizer>.fromOpaque(context).takeUnretainedValue()
                return authorizer.judge(action, first, second, database, isTrigger: trigger != nil)
            }, Unmanaged.passUnretained(self).toOpaque())
    }

    private func judge(
        _ action: CInt, _ first: UnsafePointer<CChar>?, _ second: UnsafePointer<CChar>?,
        _ database: UnsafePointer<CChar>?, isTrigger: Bool
    ) -> CInt {
        guard origin != .library else {
            // While VACUUM runs, it attaches a file without a name. VACUUM INTO attaches a file that the caller names.
            // The caller gets `SQLiteError.copyRefused`.
            return action == SQLITE_ATTACH && Self.text(first) != "" && !writesCopy ? SQLITE_DENY : SQLITE_OK
        }
        switch action {
        case SQLITE_SELECT:
            selects = true
            return SQLITE_OK
        case SQLITE_READ:
            readsPragmas = readsPragmas || Self.tellsPragmas(table: first)
            return SQLITE_OK
        case SQLITE_RECURSIVE:
            return SQLITE_OK
        case SQLITE_FUNCTION:
            return Self.isUnsafe(function: second)
                ? refuse("this function is not allowed: it loads code into SQLite") : SQLITE_OK
        case SQLITE_INSERT where Self.text(database) == "temp" && Self.schemaTables.contains(Self.text(first)):
            return judgeTemporary()
        case SQLITE_INSERT, SQLITE_UPDATE, SQLITE_DELETE:
            insertsRows = insertsRows || (action == SQLITE_INSERT && !isTrigger)
            changesRows = true
            return SQLITE_OK
        case SQLITE_TRANSACTION where origin != .script || isHeld, SQLITE_SAVEPOINT where origin != .script || isHeld:
            return refuse(
                SQLiteError(
                    .authorization, kind: .invalid,
                    "statements cannot begin or end a transaction or a savepoint here: use the transaction's calls"))
        case SQLITE_ATTACH, SQLITE_DETACH:
            return refuse("ATTACH and DETACH are not allowed: a database is one file")
        case SQLITE_PRAGMA:
            mentionsPragma = true
            return judgePragma(Self.text(first), value: second.map { String(cString: $0) }, Self.text(database))
        default:
            doesMore = true
            return SQLITE_OK
        }
    }

    private func judgePragma(_ name: ExactText, value: String?, _ database: ExactText) -> CInt {
        guard let value else {
            actsByPragma = actsByPragma || ConnectionPragmas.actsWithoutValue(name)
            return SQLITE_OK
        }
        // Many PRAGMAs act while they are prepared. A connection that only reads skips them, because they run on the
        // writing connection.
        guard let pragmas else { return SQLITE_IGNORE }
        if origin == .script, ConnectionPragmas.scriptNames.contains(name) {
            leftovers.pragmas = true
            return SQLITE_OK
        }
        switch pragmas.effect(of: name, value: value) {
        case .asks:
            return SQLITE_OK
        case .changesFile:
            actsByPragma = true
            return database == "temp" ? refuse("the temporary database has no settings of its own") : SQLITE_OK
        case .repeats:
            // The statement is ignored, because it could replace a value that this library has set. For
            // `journal_mode`, a program may read the answer.
            return name == "journal_mode" ? SQLITE_OK : SQLITE_IGNORE
        case .changesConnection:
            // SQLite resets this PRAGMA when the transaction ends.
            if isHeld, name == "defer_foreign_keys" {
                actsByPragma = true
                return SQLITE_OK
            }
            return refuse(ConnectionPragmas.refusal(of: name))
        }
    }

    private func judgeTemporary() -> CInt {
        guard isInTransaction else {
            return refuse(
                "all callers would share temporary tables: make them in a transaction; the end of the transaction "
                    + "drops them")
        }
        doesMore = true
        makesTemporaries = true
        leftovers.temporaries = true
        return SQLITE_OK
    }

    private func refuse(_ sentence: String) -> CInt {
        refuse(SQLiteError(.authorization, sentence))
    }

    private func refuse(_ error: SQLiteError) -> CInt {
        refusal = error
        return SQLITE_DENY
    }

    /// The names of the tables that list all objects of the temporary database.
    private static let schemaTables: Set<ExactText> = [
        "sqlite_master", "sqlite_schema", "sqlite_temp_master", "sqlite_temp_schema",
    ]

    /// True if a table reports PRAGMAs.
    ///
    /// This is called for each column of a statement, and most columns belong to other tables.
    private static func tellsPragmas(table name: UnsafePointer<CChar>?) -> Bool {
        guard let name, strncasecmp(name, "pragma_", 7) == 0 else { return false }
        return ConnectionPragmas.areTold(by: text(name))
    }

    /// True if a function changes SQLite for the whole connection or process.
    private static func isUnsafe(function name: UnsafePointer<CChar>?) -> Bool {
        let name = text(name)
        return name == "load_extension" || name == "fts3_tokenizer"
    }

    /// A name in lower case, as SQLite compares names.
    private static func text(_ name: UnsafePointer<CChar>?) -> ExactText {
        ExactText(name.map { String(cString: $0).lowercasedASCII } ?? "")
    }
}

extension String {
    /// True if the text contains `word`, in upper or lower case.
    ///
    /// - Parameter word: a word in lower-case ASCII.
    fileprivate func contains(word: String) -> Bool {
        let word = Array(word.utf8)
        var matched = 0
        for byte in utf8 {
            let lowercased = byte >= 65 && byte <= 90 ? byte | 32 : byte
            matched = lowercased == word[matched] ? matched + 1 : (lowercased == word[0] ? 1 : 0)
            if matched == word.count { return true }
        }
        return false
    }
}
