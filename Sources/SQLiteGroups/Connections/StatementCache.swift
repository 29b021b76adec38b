import WippyText

/// The prepared statements that a connection keeps, by their text.
///
/// The number of statements and the number of their bytes are limited. Only the thread of its connection uses it.
final class StatementCache {
    /// The largest number of bytes of all statements.
    ///
    /// A mebibyte is enough for hundreds of usual statements.
    static let maxBytes = 1 << 20

    /// The largest number of bytes of one statement.
    ///
    /// A larger statement would push out many statements that are used more.
    static let maxStatementBytes = maxBytes / 8

    /// The largest number of bytes of a statement's text.
    ///
    /// A longer text rarely runs twice.
    static let maxTextBytes = 16 << 10

    private final class Entry {
        let statement: SQLiteStatement
        let bytes: Int
        var lastUse: UInt64

        init(_ statement: SQLiteStatement, bytes: Int, lastUse: UInt64) {
            self.statement = statement
            self.bytes = bytes
            self.lastUse = lastUse
        }
    }

    private let maxCount: Int
    private var entries: [ExactText: Entry] = [:]
    private var last: SQLiteStatement?
    private var isLastKept = false
    private var uses: UInt64 = 0

    /// The number of bytes that the statements took when they were prepared.
    private(set) var bytes = 0

    /// Creates an empty cache for at most `maxCount` statements.
    init(maxCount: Int) {
        self.maxCount = maxCount
    }

    /// The number of kept statements.
    var count: Int { entries.count }

    /// The statement with a text; nil if the cache does not have it.
    ///
    /// The statement counts as used now.
    subscript(sql: String) -> SQLiteStatement? {
        if let last, ExactText.areEqual(last.sql, sql) { return last }
        uses += 1
        guard let found = entries[ExactText(sql)] else { return nil }
        found.lastUse = uses
        (last, isLastKept) = (found.statement, true)
        return found.statement
    }

    /// Keeps a statement, and drops those that were unused for the longest time to make room.
    ///
    /// A statement that is too large or not lasting stays only until ``letGo()``.
    func add(_ statement: SQLiteStatement) {
        (last, isLastKept) = (statement, false)
        let size = statement.bytes
        guard statement.isLasting, statement.sql.utf8.count <= Self.maxTextBytes, size <= Self.maxStatementBytes
        else { return }
        while !entries.isEmpty, entries.count >= maxCount || bytes + size > Self.maxBytes { removeOldest() }
        entries[ExactText(statement.sql)] = Entry(statement, bytes: size, lastUse: uses)
        bytes += size
        isLastKept = true
    }

    /// Releases the statement that was used last, if it is not kept.
    func letGo() {
        if !isLastKept { last = nil }
    }

    /// Releases all statements.
    func removeAll() {
        entries = [:]
        last = nil
        bytes = 0
    }

    private func removeOldest() {
        guard let oldest = entries.min(by: { $0.value.lastUse < $1.value.lastUse }) else { return }
        entries[oldest.key] = nil
        bytes -= oldest.value.bytes
    }
}
