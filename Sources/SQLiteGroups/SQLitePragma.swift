public import WippyText

/// A PRAGMA of SQLite's that a database's owner sets.
///
/// Source: https://sqlite.org/pragma.html.
public struct SQLitePragma: Sendable, Equatable {
    /// The name, in lower case.
    public let name: String

    /// The value, checked against what the PRAGMA takes.
    public let value: String

    /// A PRAGMA by name and value, both as they would be written in SQL without quotes, in upper or lower case.
    ///
    /// - Returns: Nil for a name that is not among ``choices``, and for a value that it does not take.
    public init?(name: String, value: String) {
        let name = ExactText(name.lowercasedASCII)
        guard let choice = Self.choices.first(where: { $0.name == name }), choice.rule.accepts(value) else {
            return nil
        }
        self.name = name.string
        self.value = value
    }

    /// A PRAGMA that may be set.
    public struct Choice: Sendable {
        /// The name, in lower case.
        public let name: ExactText

        /// What this library sets it to unless told; nil where that is SQLite's own.
        public let standard: String?

        fileprivate let rule: Rule

        fileprivate init(name: ExactText, rule: Rule, standard: String? = nil) {
            (self.name, self.rule, self.standard) = (name, rule, standard)
        }

        /// The values that it takes, to be read after "must be": `ON or OFF`.
        public var expectation: String { rule.expectation }
    }

    /// Those that may be set, by name; the others are this library's own business or a property of `SQLiteSettings`.
    public static let choices = [
        Choice(name: "analysis_limit", rule: .integer(0...1_000_000)),
        Choice(name: "cache_size", rule: .integer(-1_048_576...1_048_576)),
        Choice(name: "case_sensitive_like", rule: .words(["ON", "OFF"])),
        Choice(name: "journal_size_limit", rule: .integer(-1...Int64(1) << 40)),
        Choice(name: "max_page_count", rule: .integer(1...4_294_967_294)),
        Choice(name: "mmap_size", rule: .integer(0...Int64(1) << 40)),
        Choice(name: "recursive_triggers", rule: .words(["ON", "OFF"])),
        Choice(name: "secure_delete", rule: .words(["ON", "OFF", "FAST"])),
        Choice(name: "temp_store", rule: .words(["DEFAULT", "FILE", "MEMORY"])),
        Choice(name: "trusted_schema", rule: .words(["ON", "OFF"])),
        // A page that changes again and again is copied into the database once for each checkpoint, and each waits for
        // the disk: with four times SQLite's interval the log may have 16 MiB, and a writer of many rows waits less.
        Choice(name: "wal_autocheckpoint", rule: .integer(1...1_000_000), standard: "4000"),
    ]

    /// What a PRAGMA takes.
    fileprivate enum Rule {
        case integer(ClosedRange<Int64>)
        case words([ExactText])

        func accepts(_ value: String) -> Bool {
            switch self {
            case .integer(let range): Int64(value).map(range.contains) ?? false
            case .words(let words):
                words.contains(ExactText(value.uppercasedASCII))
                    || words.contains("ON") && Self.truthValues.contains(ExactText(value.lowercasedASCII))
            }
        }

        /// What SQLite takes for ON and OFF, and YAML calls so.
        private static let truthValues: [ExactText] = ["true", "false", "1", "0"]

        var expectation: String {
            switch self {
            case .integer(let range): "\(range.lowerBound) through \(range.upperBound)"
            case .words(let words): words.map(\.string).joined(separator: " or ")
            }
        }
    }
}
