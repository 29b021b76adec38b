import WippyText

/// The prepared statements that a connection keeps by their text, bounded in number and in bytes.
///
/// Used by its connection's thread only.
final class StatementCache {
    /// The most that all of them take: a megabyte is hundreds of statements of the usual size.
    static let bytesMax = 1 << 20

    /// A larger statement would push out many that are used more.
    static let statementBytesMax = bytesMax / 8

    /// Longer texts are hardly run twice.
    static let textBytesMax = 16 << 10

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

    private let countMax: Int
    private var entries: [ExactText: Entry] = [:]
    private var last: SQLiteStatement?
    private var isLastKept = false
    private var uses: UInt64 = 0

    /// How many bytes the statements took when they were prepared.
    private(set) var bytes = 0

    /// Makes an empty cache.
    init(countMax: Int) {
        self.countMax = countMax
    }

    /// How many statements there are.
    var count: Int { entries.count }

    /// The statement of a text, which counts as used now.
    subscript(sql: String) -> SQLiteStatement? {
        if let last, ExactText.areEqual(last.sql, sql) { return last }
        uses += 1
        guard let found = entries[ExactText(sql)] else { return nil }
        found.lastUse = uses
        (last, isLastKept) = (found.statement, true)
        return found.statement
    }

    /// Keeps a statement; those that were not used for longest make room for it.
    ///
    /// One that is too large, or does not last, is there until ``letGo()`` only.
    func add(_ statement: SQLiteStatement) {
        (last, isLastKept) = (statement, false)
        let size = statement.bytes
        guard statement.isLasting, statement.sql.utf8.count <= Self.textBytesMax, size <= Self.statementBytesMax
        else { return }
        while !entries.isEmpty, entries.count >= countMax || bytes + size > Self.bytesMax { removeOldest() }
        entries[ExactText(statement.sql)] = Entry(statement, bytes: size, lastUse: uses)
        bytes += size
        isLastKept = true
    }

    /// Lets the statement go that was used last, unless it is one of those that are kept.
    func letGo() {
        if !isLastKept { last = nil }
    }

    /// Lets all statements go.
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
