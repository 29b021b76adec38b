import WippyText

/// The PRAGMAs of the writing connection that belong to the connection and not to the file.
///
/// Callers share the connections, so no statement may change these PRAGMAs. A script may change a few while it runs.
/// An unknown PRAGMA counts as one that belongs to the connection.
struct ConnectionPragmas {
    /// The effect of a `PRAGMA` with a value.
    enum Effect {
        /// The value only selects the rows that the PRAGMA returns.
        case asks
        /// The PRAGMA changes the file permanently.
        case changesFile
        /// The value is set already.
        case repeats
        /// The PRAGMA changes the connection.
        case changesConnection
    }

    /// The PRAGMAs that a script may change while it runs, for scripts that rebuild tables.
    static let scriptNames: [ExactText] = ["foreign_keys", "defer_foreign_keys", "legacy_alter_table"]

    private var values: [ExactText: String] = [:]
    private let isInMemory: Bool

    /// Reads the PRAGMAs of a connection that was opened with `settings`.
    ///
    /// - Parameter ask: returns the first cell of a statement's first row.
    init(
        _ settings: SQLiteSettings, asking ask: (String) throws(SQLiteError) -> SQLiteValue?
    ) throws(SQLiteError) {
        isInMemory = settings.isInMemory
        for name in Self.names {
            switch try ask("PRAGMA \(name)") {
            case .integer(let number): values[name] = String(number)
            case .text(let text): values[name] = Self.normalized(text, of: name)
            case .real, .blob, .null, nil: values[name] = Self.valueUnlessTold
            }
        }
        // The requested values replace the reported ones, because SQLite limits some values and does not report
        // others.
        for pragma in settings.pragmas {
            values[ExactText(pragma.name)] = Self.normalized(pragma.value, of: ExactText(pragma.name))
        }
        values["busy_timeout"] = String(settings.busyTimeout.nanoseconds / 1_000_000)
    }

    /// The effect of `PRAGMA name = value`.
    func effect(of name: ExactText, value: String) -> Effect {
        if Self.questions.contains(name) { return .asks }
        if Self.fileSettings.contains(name) { return .changesFile }
        let value = Self.normalized(value, of: name)
        if let held = values[name], ExactText.areEqual(held, value) { return .repeats }
        // SQLite ignores this PRAGMA without an error.
        if isInMemory, name == "journal_mode", ExactText.areEqual(value, "wal") { return .repeats }
        return .changesConnection
    }

    /// True if `PRAGMA name` acts although it has no value.
    static func actsWithoutValue(_ name: ExactText) -> Bool { actions.contains(name) }

    /// The statement that restores a PRAGMA, which a script may have changed.
    func restoration(of name: ExactText) -> String { "PRAGMA \(name) = \(values[name] ?? Self.valueUnlessTold)" }

    /// The error of a statement that changes a setting it may not change, with advice.
    static func refusal(of name: ExactText) -> SQLiteError {
        let remedy =
            switch name {
            case "busy_timeout", "synchronous": "set it where the database is opened"
            case "foreign_keys":
                "set it where the database is opened, or change it within a script; the end of the script undoes the "
                    + "change"
            case "legacy_alter_table": "change it within a script"
            case "defer_foreign_keys": "change it within a script or a transaction"
            case "journal_mode": "the write-ahead log is always used"
            case "locking_mode": "several connections share the file"
            case _ where SQLitePragma.choices.contains(where: { $0.name == name }):
                "set it where the database is opened"
            default: "it cannot be changed"
            }
        return SQLiteError(
            .authorization,
            "PRAGMA \(name) with a value would change the connection, which all callers share: \(remedy)",
            refusing: name)
    }
}

extension ConnectionPragmas {
    /// The value in the form in which SQLite reports it.
    ///
    /// A text that SQLite does not know is returned unchanged.
    private static func normalized(_ text: String, of name: ExactText) -> String {
        let word = ExactText(text.lowercasedASCII)
        if let number = numbers[name]?[word] { return String(number) }
        if let state = SQLitePragma.Values.switchWords.first(where: { $0.key == word }) {
            return state.value ? "1" : "0"
        }
        guard let number = number(word.string) else { return word.string }
        return String(switches.contains(name) ? (isOn(number) ? 1 : 0) : number)
    }

    private static func number(_ text: String) -> Int64? {
        text.hasExactPrefix("0x") ? Int64(text.dropFirst(2), radix: 16) : Int64(text)
    }

    /// The truth value that SQLite gives a number: SQLite keeps the last byte of a number of 32 bits.
    private static func isOn(_ number: Int64) -> Bool {
        Int32(exactly: number).map { $0 > 0 && $0 & 0xFF != 0 } ?? false
    }

    /// The PRAGMAs that are on or off.
    private static let switches: Set<ExactText> = [
        "automatic_index", "case_sensitive_like", "cell_size_check", "checkpoint_fullfsync", "count_changes",
        "defer_foreign_keys", "empty_result_callbacks", "foreign_keys", "full_column_names", "fullfsync",
        "ignore_check_constraints", "legacy_alter_table", "query_only", "read_uncommitted", "recursive_triggers",
        "reverse_unordered_selects", "secure_delete", "short_column_names", "trusted_schema",
    ]

    /// The words for numbers that only some PRAGMAs accept.
    private static let numbers: [ExactText: [ExactText: Int]] = [
        "secure_delete": ["fast": 2],
        "synchronous": ["normal": 1, "full": 2, "extra": 3],
        "temp_store": ["default": 0, "file": 1, "memory": 2],
    ]

    /// True if `table` is one of SQLite's own tables that report a PRAGMA, such as `pragma_foreign_keys`.
    static func areTold(by table: ExactText) -> Bool {
        let prefix = "pragma_"
        return table.string.hasExactPrefix(prefix) && names.contains(ExactText(table.string.dropping(prefix)))
    }

    /// The value of a PRAGMA that SQLite does not report: off.
    private static let valueUnlessTold = "0"

    private static let names: [ExactText] = [
        "analysis_limit", "automatic_index", "busy_timeout", "cache_size", "cache_spill", "case_sensitive_like",
        "cell_size_check", "checkpoint_fullfsync", "count_changes", "default_cache_size", "defer_foreign_keys",
        "empty_result_callbacks", "foreign_keys", "full_column_names", "fullfsync", "hard_heap_limit",
        "ignore_check_constraints", "journal_mode", "journal_size_limit", "legacy_alter_table", "locking_mode",
        "max_page_count", "mmap_size", "query_only", "read_uncommitted", "recursive_triggers",
        "reverse_unordered_selects", "secure_delete", "short_column_names", "soft_heap_limit", "synchronous",
        "temp_store", "threads", "trusted_schema", "wal_autocheckpoint", "writable_schema",
    ]

    /// The PRAGMAs whose value only selects the rows that they return.
    private static let questions: Set<ExactText> = [
        "foreign_key_check", "foreign_key_list", "index_info", "index_list", "index_xinfo", "integrity_check",
        "quick_check", "table_info", "table_list", "table_xinfo",
    ]

    /// The PRAGMAs that act even without a value.
    private static let actions: Set<ExactText> = ["incremental_vacuum", "optimize", "shrink_memory", "wal_checkpoint"]

    /// The PRAGMAs whose value goes into the file.
    private static let fileSettings: Set<ExactText> = [
        "application_id", "auto_vacuum", "encoding", "incremental_vacuum", "optimize", "page_size", "schema_version",
        "user_version", "wal_checkpoint",
    ]
}
