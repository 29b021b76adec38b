import CSQLite
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
        /// A caller, as one statement: no transaction control.
        case caller
        /// A caller, as a script that may begin and commit.
        case script
    }

    /// Why the statement that was prepared last is refused.
    private(set) var refusal: SQLiteError?

    /// Whether the statement that was prepared last inserts rows by itself, not only by triggers.
    private(set) var inserts = false

    /// Whether that statement, or a trigger that it may fire, asks for the last row id of the connection.
    private(set) var asksForRowID = false

    private var origin = Origin.library
    private var changesRows = false
    private var doesMore = false

    /// Runs `prepare` while a statement of `origin` is being prepared.
    func observing<Result>(_ origin: Origin, _ prepare: () -> Result) -> Result {
        self.origin = origin
        refusal = nil
        inserts = false
        asksForRowID = false
        changesRows = false
        doesMore = false
        defer { self.origin = .library }
        return prepare()
    }

    /// What the statement that was prepared last does.
    func effect(of statement: OpaquePointer, sql: String) -> SQLiteStatement.Effect {
        if sqlite3_stmt_readonly(statement) != 0 {
            // PRAGMA and the like concern one connection, which has to be always the same.
            return doesMore || changesRows ? .runsAlone : .reads
        }
        let isGroupable = changesRows && !doesMore && !sql.contains(word: "rollback")
        return isGroupable ? .changesRows : .runsAlone
    }

    /// Registers itself with a connection, which has to live no longer.
    func attach(to connection: OpaquePointer) {
        sqlite3_set_authorizer(
            connection,
            { context, action, first, second, _, trigger in
                guard let context else { return SQLITE_DENY }
                let authorizer = Unmanaged<StatementAuthorizer>.fromOpaque(context).takeUnretainedValue()
                return authorizer.judge(action, first, second, isTrigger: trigger != nil)
            }, Unmanaged.passUnretained(self).toOpaque())
    }

    private func judge(
        _ action: CInt, _ first: UnsafePointer<CChar>?, _ second: UnsafePointer<CChar>?, isTrigger: Bool
    ) -> CInt {
        guard origin != .library else { return SQLITE_OK }
        switch action {
        case SQLITE_READ, SQLITE_SELECT, SQLITE_RECURSIVE:
            return SQLITE_OK
        case SQLITE_FUNCTION:
            let name = second.map { String(cString: $0).lowercasedASCII } ?? ""
            asksForRowID = asksForRowID || name == "last_insert_rowid"
            return SQLITE_OK
        case SQLITE_INSERT, SQLITE_UPDATE, SQLITE_DELETE:
            inserts = inserts || (action == SQLITE_INSERT && !isTrigger)
            changesRows = true
            return SQLITE_OK
        case SQLITE_TRANSACTION where origin != .script, SQLITE_SAVEPOINT where origin != .script:
            return refuse(
                SQLiteError(
                    .authorization, kind: .invalid,
                    "transactions and savepoints are not statements of their own here: use the transaction's calls"))
        case SQLITE_ATTACH, SQLITE_DETACH:
            return refuse(
                SQLiteError(.authorization, "ATTACH and DETACH are not allowed: a database is one file"))
        case SQLITE_PRAGMA where second != nil && Self.isFixed(first):
            return refuse(
                SQLiteError(.authorization, "this PRAGMA is set where the database is declared, not by a statement"))
        default:
            doesMore = true
            return SQLITE_OK
        }
    }

    private func refuse(_ error: SQLiteError) -> CInt {
        refusal = error
        return SQLITE_DENY
    }

    private static func isFixed(_ pragma: UnsafePointer<CChar>?) -> Bool {
        pragma.map { fixedPragmas.contains(ExactText(String(cString: $0).lowercasedASCII)) } ?? false
    }

    /// What this library relies on; they may be read but not set.
    private static let fixedPragmas: Set<ExactText> = [
        "busy_timeout", "journal_mode", "locking_mode", "query_only", "synchronous", "wal_autocheckpoint",
    ]
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
