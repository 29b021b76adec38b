public import WippyText

/// A PRAGMA of SQLite that you set for a database.
///
/// Source: https://sqlite.org/pragma.html.
public struct SQLitePragma: Sendable, Equatable {
    /// The name, in lower case.
    public let name: String

    /// The value, which is one of the values that the PRAGMA allows.
    public let value: String

    /// Creates a PRAGMA from its name and its value; nil if the name is not in ``choices``, or if the value is not
    /// allowed.
    ///
    /// Write both as in SQL, without quotes, in upper or lower case.
    public init?(name: String, value: String) {
        let name = ExactText(name.lowercasedASCII)
        guard let choice = Self.choices.first(where: { $0.name == name }), choice.values.contain(value) else {
            return nil
        }
        self.name = name.string
        self.value = value
    }

    /// A PRAGMA that you may set.
    public struct Choice: Sendable {
        /// The name, in lower case.
        public let name: ExactText

        /// The value that this library sets by default; nil if SQLite's own default applies.
        public let standard: String?

        /// The allowed values.
        public let values: Values

        /// True if the PRAGMA has an effect only on a database in a file.
        public let needsFile: Bool

        fileprivate init(name: ExactText, _ values: Values, standard: String? = nil, needsFile: Bool = false) {
            (self.name, self.values, self.standard, self.needsFile) = (name, values, standard, needsFile)
        }
    }

    /// The PRAGMAs that you may set.
    ///
    /// ``SQLiteSettings`` has properties for `busy_timeout`, `synchronous` and `foreign_keys`. A statement can set the
    /// PRAGMAs that belong to the file, such as `user_version`.
    public static let choices = [
        Choice(name: "analysis_limit", .integer(0...1_000_000)),
        Choice(name: "cache_size", .integer(-1_048_576...1_048_576)),
        Choice(name: "case_sensitive_like", .words(["ON", "OFF"])),
        Choice(name: "journal_size_limit", .integer(-1...1 << 40), needsFile: true),
        Choice(name: "max_page_count", .integer(1...4_294_967_294)),
        Choice(name: "mmap_size", .integer(0...1 << 40), needsFile: true),
        Choice(name: "recursive_triggers", .words(["ON", "OFF"])),
        Choice(name: "secure_delete", .words(["ON", "OFF", "FAST"])),
        Choice(name: "temp_store", .words(["DEFAULT", "FILE", "MEMORY"])),
        Choice(name: "trusted_schema", .words(["ON", "OFF"])),
        // Each checkpoint copies every changed page into the database and waits for the disk. A page that changes
        // repeatedly is copied each time. With four times SQLite's interval, the log may have 16 MiB, and a writer of
        // many rows waits less.
        Choice(name: "wal_autocheckpoint", .integer(1...1_000_000), standard: "4000", needsFile: true),
    ]

    /// The allowed values of a PRAGMA.
    public enum Values: Sendable {
        /// A whole number in a range.
        case integer(ClosedRange<Int>)
        /// One of these words, in upper or lower case.
        ///
        /// If ON is one of them, the ``switchWords`` are also allowed.
        case words([String])

        /// The words of SQLite and YAML for on and off, in lower case, each with its meaning.
        public static let switchWords: KeyValuePairs<ExactText, Bool> = [
            "true": true, "false": false, "on": true, "off": false, "yes": true, "no": false, "1": true, "0": false,
        ]

        /// True if the ``switchWords`` are among the values.
        public var takesSwitchWords: Bool {
            guard case .words(let words) = self else { return false }
            return words.contains("ON")
        }

        func contain(_ value: String) -> Bool {
            switch self {
            case .integer(let range): !value.hasExactPrefix("+") && Int(value).map(range.contains) ?? false
            case .words(let words):
                words.contains { ExactText.areEqual($0, value.uppercasedASCII) }
                    || takesSwitchWords && Self.switchWords.contains { $0.key == ExactText(value.lowercasedASCII) }
            }
        }
    }
}
