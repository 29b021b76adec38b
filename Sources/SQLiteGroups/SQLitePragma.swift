import WippyText

/// A setting of SQLite that a database's owner may choose.
///
/// Source: https://sqlite.org/pragma.html.
public struct SQLitePragma: Sendable, Equatable {
    /// The name, in lower case.
    public let name: String

    /// The value, checked against what the setting takes.
    public let value: String

    /// The settings that may be chosen; the others are this library's own business or have an option of their own.
    public static let names: [String] = rules.keys.sorted().map(\.string)

    /// A setting by name and value, both as they would be written in SQL without quotes, in upper or lower case.
    ///
    /// - Throws: `SQLiteError` of kind `invalid` for a name that is not among `names`, or a value that it does not
    ///   take.
    public init(name: String, value: String) throws(SQLiteError) {
        let lowercased = name.lowercasedASCII
        guard let rule = Self.rules[ExactText(lowercased)] else {
            throw SQLiteError(.misuse, "no option '\(name)'; there are \(Self.names.joined(separator: ", "))")
        }
        guard rule.accepts(value) else {
            throw SQLiteError(.misuse, "option '\(lowercased)' must be \(rule.expectation)")
        }
        self.name = lowercased
        self.value = value
    }

    private static let rules: [ExactText: Rule] = [
        "analysis_limit": .integer(0...1_000_000),
        "cache_size": .integer(-1_048_576...1_048_576),
        "case_sensitive_like": .words(["ON", "OFF"]),
        "journal_size_limit": .integer(-1...Int64(1) << 40),
        "max_page_count": .integer(1...4_294_967_294),
        "mmap_size": .integer(0...Int64(1) << 40),
        "recursive_triggers": .words(["ON", "OFF"]),
        "secure_delete": .words(["ON", "OFF", "FAST"]),
        "temp_store": .words(["DEFAULT", "FILE", "MEMORY"]),
        "trusted_schema": .words(["ON", "OFF"]),
        "wal_autocheckpoint": .integer(1...1_000_000),
    ]

    /// What a setting takes.
    private enum Rule {
        case integer(ClosedRange<Int64>)
        case words([ExactText])

        func accepts(_ value: String) -> Bool {
            switch self {
            case .integer(let range): Int64(value).map(range.contains) ?? false
            case .words(let words): words.contains(ExactText(value.uppercasedASCII))
            }
        }

        var expectation: String {
            switch self {
            case .integer(let range): "\(range.lowerBound) through \(range.upperBound)"
            case .words(let words): words.map(\.string).joined(separator: " or ")
            }
        }
    }
}
