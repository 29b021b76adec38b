import SQLiteGroups
import WippyDefinition
import WippyLog
import WippyRuntime
import WippySQL
import WippyText

/// `db.sql.sqlite`: a database in one file.
struct SQLiteKind: EntryKind {
    static let name: KindName = "db.sql.sqlite"
    static let summary = "An SQLite database in a file or in memory."
    static let role: ServiceRole? = .resource
    static let whenChanged: String? =
        "New connections open the file, and the old ones close after their calls. If the new ones cannot open it, the "
        + "reload is refused. A database in memory keeps its connection: changed fields take effect at the next "
        + "start, and a warning names them."

    struct Config: EntryConfig, SQLFileConfig, QueueDatabaseConfig, SQLiteKeys {
        let database: SQLiteSettings

        var file: String? { database.isInMemory ? nil : database.path }

        func storedInteger(_ query: SQL) -> Int? {
            (try? query.statement(parameterStyle: .question)).flatMap {
                SQLiteDatabase.integer($0.text, inFileOf: database)
            }
        }

        func lackOfRoom(for script: SQL) -> LackOfRoom? {
            guard !database.hasFile, let limit = database.value(of: SQLiteKind.maxPages).flatMap({ Int($0.string) }),
                let text = try? script.statement(parameterStyle: .question).text,
                let pages = try? SQLiteDatabase.pages(after: text), limit < pages
            else { return nil }
            return LackOfRoom(
                field: Field.setting(SQLiteKind.maxPages), limit: String(limit), need: "\(pages) pages")
        }

        init(from fields: inout FieldReader) {
            let path: PathField = fields.required(
                Self.fileField,
                "The path of the file, relative to the working directory. If the file or its folders are missing, "
                    + "they are created. A database with the path \(SQLiteSettings.memoryPath) is in memory, and ends "
                    + "with the application.")
            database = fields.inPlace { Self.settings(of: path.text.string, from: &$0) }
        }

        private static func settings(of path: String, from fields: inout FieldReader) -> SQLiteSettings {
            var database = SQLiteSettings(path: path)
            database.readers = fields.optional(
                Field.readers, default: database.readers, in: SQLiteSettings.readersRange,
                "The number of connections that read, beside the one that writes. If it is 0, or if the database is "
                    + "in memory, a query waits for the changes before it."
            )
            database.busyTimeout = fields.optional(
                Field.busyTimeout, default: database.busyTimeout, in: SQLiteSettings.busyTimeoutRange,
                "The longest time that a call waits for a transaction, or for another process that locks the file. "
                    + "While calls of the transaction run, the wait goes on.")
            database.synchronous =
                fields.optional(
                    Field.synchronous, default: SynchronousField(value: database.synchronous),
                    "The durability of a commit. A power failure may undo the last commits with NORMAL, "
                        + "undoes none with FULL or EXTRA, and may damage the file with OFF."
                ).value
            database.enforcesForeignKeys = enforcesForeignKeys(
                unlessWritten: database.enforcesForeignKeys, from: &fields)
            database.pragmas = SQLitePragma.choices.compactMap { pragma($0, from: &fields) }
            readIgnored(from: &fields)
            if database.isInMemory {
                let fieldsOfPragmas = SQLiteKind.pragmaFields.filter(\.needsFile).map(\.path)
                for field in [Field.readers] + fieldsOfPragmas {
                    fields.warnIfWritten(field, because: "the database is in memory")
                }
            }
            return database
        }

        private static func enforcesForeignKeys(unlessWritten fallback: Bool, from fields: inout FieldReader) -> Bool {
            let option: SwitchField? = fields.custom(
                Field.foreignKeys, form: SwitchField.form, default: nil,
                written: fallback.written, "Whether foreign keys are enforced."
            ) { node, _ throws(FieldProblem) in try SwitchField(reading: node) }
            let top: SwitchField? = fields.optional(
                Field.topForeignKeys, "The same as '\(Field.foreignKeys)'.")
            if let option, let top, option.isOn != top.isOn {
                fields.reject(
                    Field.topForeignKeys, "contradicts '\(Field.foreignKeys)': write only one of them")
            }
            return (option ?? top)?.isOn ?? fallback
        }

        /// Reads the value of a PRAGMA; nil if it is the library's default.
        private static func pragma(_ choice: SQLitePragma.Choice, from fields: inout FieldReader) -> SQLitePragma? {
            let (name, form) = (choice.name.string, choice.values.form)
            let pragma: SQLitePragma? = fields.custom(
                Field.setting(choice.name), form: form, default: nil, written: choice.standard,
                "SQLite's own setting \(name): https://sqlite.org/pragma.html#pragma_\(name)."
            ) { node, _ throws(FieldProblem) in
                guard let pragma = SQLitePragma(name: name, value: node.scalar?.text ?? "") else {
                    throw .expected(form.range ?? form.words, got: node)
                }
                return pragma
            }
            return pragma?.value == choice.standard ? nil : pragma
        }

        private static func readIgnored(from fields: inout FieldReader) {
            let connections = "one connection writes and '\(Field.readers)' connections read while the database is open"
            fields.ignored("pool.max_open", because: connections)
            fields.ignored("pool.max_idle", because: connections)
            fields.ignored("pool.max_lifetime", because: connections)
            fields.ignored("options.journal_mode", because: "the write-ahead log is always used")
            fields.ignored("options.locking_mode", because: "several connections share the file")
            fields.ignored("options.busy_timeout", because: "use the entry's field '\(Field.busyTimeout)'")
            fields.ignored("options.cache", because: "connections do not share a cache")
            fields.ignored(
                "options.mode",
                because: "the file is opened for reading and writing, and created if it is missing")
        }
    }

    /// The name of the field that sets a PRAGMA; nil if no field does.
    static func field(setting pragma: ExactText) -> String? { pragmaFields.first { $0.pragma == pragma }?.path }

    /// The names of fields.
    fileprivate enum Field {
        static let readers = "pool.readers"
        static let busyTimeout = "busy_timeout"
        static let synchronous = "options.synchronous"
        static let foreignKeys = "options.foreign_keys"
        /// The place of the same field beside `options`.
        static let topForeignKeys = "foreign_keys"

        /// Returns the name of the field for one of SQLite's own settings.
        static func setting(_ pragma: ExactText) -> String { "options.\(pragma)" }
    }

    /// A field that sets a PRAGMA.
    fileprivate struct PragmaField: Sendable {
        let pragma: ExactText
        let path: String

        /// True if the field has an effect only on a database in a file.
        var needsFile = false

        /// Finds out whether two settings give the field the same value.
        let isSame: @Sendable (SQLiteSettings, SQLiteSettings) -> Bool
    }

    /// The fields that set PRAGMAs.
    fileprivate static let pragmaFields =
        [
            PragmaField(pragma: "busy_timeout", path: Field.busyTimeout) { $0.busyTimeout == $1.busyTimeout },
            PragmaField(pragma: "synchronous", path: Field.synchronous, needsFile: true) {
                $0.synchronous == $1.synchronous
            },
            PragmaField(pragma: "foreign_keys", path: Field.foreignKeys) {
                $0.enforcesForeignKeys == $1.enforcesForeignKeys
            },
        ]
        + SQLitePragma.choices.map { choice in
            PragmaField(pragma: choice.name, path: Field.setting(choice.name), needsFile: choice.needsFile) {
                $0.value(of: choice.name) == $1.value(of: choice.name)
            }
        }

    private static let maxPages: ExactText = "max_page_count"

    /// Finds a path at which no file can be, a file that is not a database, and one that the process may not use.
    func check(_ entry: Entry<Config>, in plan: CheckContext) -> [Diagnostic] {
        guard let file = entry.config.file else { return [] }
        if let obstacle = SQLiteService.obstacle(at: file) {
            return [entry.error(Config.fileField, "is '\(file)', which \(obstacle); choose another path")]
        }
        guard let problem = SQLiteDatabase.problem(withFileOf: entry.config.database) else { return [] }
        let place = entry.location(of: Config.fileField)
        return [.error(at: place, entry: entry.id, problem.sentence(aboutOpening: file))]
    }

    func build(_ entry: Entry<Config>, with context: BuildContext) throws -> Built<SQLiteService> {
        let service = SQLiteService(
            id: entry.id, settings: entry.config.database, executors: context.environment.executors,
            log: context.log)
        return .component(service, service: service)
    }

    /// Changes everything in place, except the file.
    ///
    /// The one connection of a database in memory stays unchanged.
    func update(
        _ built: Built<SQLiteService>, from old: Entry<Config>, to entry: Entry<Config>, with context: BuildContext
    ) throws -> Update? {
        let (before, after) = (old.config.database, entry.config.database)
        guard let service = built.component else { return nil }
        let fields = after.isInMemory ? before.fieldsOfConnection(differingFrom: after) : []
        let log = context.log
        return Update {
            try await service.prepare(after)
        } apply: {
            service.change(to: after)
            guard !fields.isEmpty else { return }
            log.warning(
                "changed fields of a database in memory take effect at the next start",
                ["fields": "\(fields.joined(separator: ", "))"])
        } takeBack: {
            service.change(to: before)
        } finish: {
            service.closeSpare()
        }
    }
}

extension SQLiteSettings {
    /// The names of the fields that differ from those of other settings, and that apply to the connection that writes.
    fileprivate func fieldsOfConnection(differingFrom other: SQLiteSettings) -> [String] {
        SQLiteKind.pragmaFields.filter { !$0.isSame(self, other) }.map(\.path)
    }

    /// Returns the value of one of SQLite's own settings; nil if the value is the default.
    fileprivate func value(of pragma: ExactText) -> ExactText? {
        pragmas.first { ExactText($0.name) == pragma }.map { ExactText($0.value) }
    }
}

/// The path of a file.
private struct PathField: CheckedText {
    let text: ExactText

    static let form = FieldForm.pattern(
        "^(?!([\\s\\S]*/)?(\(namesOfFolders.map { $0.replacing(".", with: "\\.") }.joined(separator: "|")))$)",
        words: "the path of a file, or \(SQLiteSettings.memoryPath)",
        examples: ["./data/app.db", SQLiteSettings.memoryPath])

    static func check(_ text: String, of node: Node) throws(FieldProblem) {
        try LiteralPath.check(text, of: node)
        if isFolder(text) { throw FieldProblem("must be \(form.words), got \(node.found), which is a folder") }
        if !ExactText.areEqual(text, SQLiteSettings.memoryPath), isNearMemory(text) {
            throw FieldProblem(
                "must be \(form.words), got \(node.found); did you mean '\(SQLiteSettings.memoryPath)'? "
                    + "For a file of that name write './\(text)'",
                suggestion: SQLiteSettings.memoryPath)
        }
    }

    /// The names that only the path of a folder can have at its end.
    private static let namesOfFolders = ["", ".", ".."]

    private static func isFolder(_ path: String) -> Bool {
        let name = path.unicodeScalars.split(separator: "/", omittingEmptySubsequences: false).last.map(String.init)
        return namesOfFolders.contains(name ?? "")
    }

    /// Returns true if a text begins like `:memory:`, or looks like a misspelling of it.
    ///
    /// In a misspelling, one letter differs, and the text has a character that is rare in paths.
    private static func isNearMemory(_ text: String) -> Bool {
        let lowercased = text.lowercasedASCII
        if text.utf8.contains(UInt8(ascii: "/")) { return false }
        if lowercased.hasExactPrefix(":mem") { return true }
        let isMarked = text.hasExactPrefix(":") || text.hasExactSuffix(":") || text.utf8.contains(UInt8(ascii: " "))
        return isMarked && Spelling.nearest(to: lowercased, among: [SQLiteSettings.memoryPath]) != nil
    }
}

/// `synchronous`, in upper or lower case.
private struct SynchronousField: FieldValue {
    let value: SQLiteSettings.Synchronous

    static var form: FieldForm {
        .choice(SQLiteSettings.Synchronous.allCases.map(\.rawValue), ignoringCase: true)
    }
    static var substitute: SynchronousField { SynchronousField(value: .normal) }

    var written: String { value.rawValue }

    init(value: SQLiteSettings.Synchronous) {
        self.value = value
    }

    init(reading node: Node) throws(FieldProblem) {
        let word = node.scalar?.text.uppercasedASCII ?? ""
        guard let value = SQLiteSettings.Synchronous(rawValue: word) else {
            throw .expected(Self.form, got: node)
        }
        self.value = value
    }
}

/// The words of SQLite and YAML for on and off.
private enum SwitchWords: FlagWords {
    static let words = SQLitePragma.Values.switchWords
    static let ignoresCase = true
}

private typealias SwitchField = SpelledFlag<SwitchWords>

extension SQLitePragma.Values {
    /// The form of a field that sets such a PRAGMA.
    fileprivate var form: FieldForm {
        switch self {
        case .integer(let range):
            .either(
                [.integer(in: range), .pattern("^-?[0-9]+$", words: FieldForm.integer(in: range).words)],
                words: FieldForm.integer(in: range).words)
        case .words(let words):
            .either(
                [.choice(words, ignoringCase: true)] + (takesSwitchWords ? SwitchField.forms : []),
                words: words.joined(separator: " or "))
        }
    }
}
