import CWippySQLite
import Glibc
import WippyText

/// Sees what each statement is going to do while SQLite prepares it, and refuses what would reach past it.
///
/// SQLite's own parser is asked, rather than the text, since comments, EXPLAIN and CTEs may hide a statement's verb.
/// Used by its connection's thread only.
final class StatementAuthorizer {
    /// Who wrote the statement that is being prepared.
    enum Origin {
        /// This library, or SQLite itself while a statement runs.
        case library
        /// A caller, as one statement.
        case statement
        /// A caller, as one of several in a text.
        case script
    }

    /// What callers have done that does not end with their statements.
    struct Leftovers {
        /// A script has changed PRAGMAs.
        var pragmas = false
        /// A transaction has made temporary tables, or the like.
        var temporaries = false
    }

    /// The connection's PRAGMAs; nil for one that only reads, which prepares no change of them.
    var pragmas: ConnectionPragmas?

    /// Whether a caller has the connection to itself until its transaction ends.
    var isHeld = false

    /// What is to be undone when the script or the transaction ends.
    var leftovers = Leftovers()

    /// Why the statement that was prepared last is refused.
    private(set) var refusal: SQLiteError?

    /// Whether the statement that was prepared last is one that inserts rows, and not by triggers only.
    ///
    /// To make a table inserts a row, too: into the schema.
    var inserts: Bool { insertsRows && !doesMore }

    /// Whether the statement that was prepared last may be run again later, as it was judged now.
    var isLasting: Bool { !isPragma && !makesTemporaries }

    /// Whether the statement is a PRAGMA; one that tables of an extension ask while they are opened makes it none.
    private var isPragma: Bool { mentionsPragma && !selects && !changesRows }

    private var origin = Origin.library
    private var isInTransaction = false
    private var mentionsPragma = false
    private var selects = false
    private var readsPragmas = false
    private var insertsRows = false
    private var makesTemporaries = false
    private var changesRows = false
    private var doesMore = false

    /// Runs `prepare` while a statement of `origin` is being prepared.
    ///
    /// - Parameter isInTransaction: Whether a transaction is open that the caller can end.
    func observing<Result>(_ origin: Origin, isInTransaction: Bool, _ prepare: () -> Result) -> Result {
        self.origin = origin
        self.isInTransaction = isInTransaction
        refusal = nil
        mentionsPragma = false
        selects = false
        readsPragmas = false
        makesTemporaries = false
        insertsRows = false
        changesRows = false
        doesMore = false
        defer { self.origin = .library }
        return prepare()
    }

    /// What the statement that was prepared last does.
    func effect(of statement: OpaquePointer, sql: String) -> SQLiteStatement.Effect {
        if sqlite3_stmt_readonly(statement) != 0 {
            // PRAGMA and the like concern one connection, which has to be always the same.
            return doesMore || changesRows || isPragma || readsPragmas ? .runsAlone : .reads
        }
        let isGroupable = changesRows && !doesMore && !sql.contains(word: "rollback")
        return isGroupable ? .changesRows : .runsAlone
    }

    /// Registers itself with a connection, which has to live no longer.
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
            // VACUUM attaches a file without a name while it runs, VACUUM INTO one of the caller's.
            return action == SQLITE_ATTACH && Self.text(first) != "" ? SQLITE_DENY : SQLITE_OK
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
        guard let value else { return SQLITE_OK }
        // Many act while they are prepared, so a connection that only reads skips them: it is not where they run.
        guard let pragmas else { return SQLITE_IGNORE }
        if origin == .script, ConnectionPragmas.scriptNames.contains(name) {
            leftovers.pragmas = true
            return SQLITE_OK
        }
        switch pragmas.effect(of: name, value: value) {
        case .asks:
            return SQLITE_OK
        case .changesFile:
            return database == "temp" ? refuse("the temporary database has no settings of its own") : SQLITE_OK
        case .repeats:
            // To do it again may replace what this library has set instead; and a program may read its answer.
            return name == "journal_mode" ? SQLITE_OK : SQLITE_IGNORE
        case .changesConnection:
            // SQLite takes it back when the transaction ends.
            if isHeld, name == "defer_foreign_keys" { return SQLITE_OK }
            return refuse(ConnectionPragmas.refusal(of: name))
        }
    }

    private func judgeTemporary() -> CInt {
        guard isInTransaction else {
            return refuse(
                "temporary tables live in one connection, which all callers share: make them in a transaction, which "
                    + "drops them when it ends")
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

    /// Where whatever is made in the temporary database is written down, however its statement names it.
    private static let schemaTables: Set<ExactText> = [
        "sqlite_master", "sqlite_schema", "sqlite_temp_master", "sqlite_temp_schema",
    ]

    /// Whether a table tells PRAGMAs; asked for each column of a statement, most of which are of other tables.
    private static func tellsPragmas(table name: UnsafePointer<CChar>?) -> Bool {
        guard let name, strncasecmp(name, "pragma_", 7) == 0 else { return false }
        return ConnectionPragmas.areTold(by: text(name))
    }

    /// Whether a function changes what SQLite is for the whole connection, or process.
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
    /// Whether the text holds `word` (lower case, ASCII), in upper or lower case.
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
