import Wippy

/// `db.sql.readonly`: gives access to another database, for SELECT only.
struct ReadOnlyDatabaseKind: EntryKind {
    static let name: KindName = "db.sql.readonly"
    static let summary = "Another database that accepts only SELECT."

    struct Config: EntryConfig {
        let database: Reference<any SQLDatabase>

        init(from fields: inout FieldReader) {
            database = fields.reference("database", .database, "The database that is read.")
        }
    }

    func build(_ entry: Entry<Config>, with context: BuildContext) throws -> Built<ReadOnlyDatabase> {
        .component(ReadOnlyDatabase(id: entry.id, link: try context.resolve(entry.config.database)))
    }
}

struct ReadOnlyDatabase: SQLDatabase {
    let id: EntryID
    let link: Link<any SQLDatabase>

    var parameterStyle: SQLParameterStyle { link.target.parameterStyle }
    var product: SQLProduct { link.target.product }
    var connections: SQLConnections { link.target.connections }

    func check(_ text: String) async throws { try await link.target.check(text) }

    func rows(_ statement: SQLStatement, atMost maxRows: Int) async throws -> SQLRows {
        try await reading(statement).rows(statement, atMost: maxRows)
    }

    func json(_ statement: SQLStatement) async throws -> SQLJSON {
        try await reading(statement).json(statement)
    }

    func execute(_ statement: SQLStatement) async throws -> SQLChanges {
        try await reading(statement).execute(statement)
    }

    func execute(script: SQLStatement) async throws { throw refusal }

    func begin() async throws -> any SQLTransaction { throw refusal }

    /// Returns the other database if the statement only reads.
    ///
    /// A word before SELECT could mean a change.
    private func reading(_ statement: SQLStatement) throws -> any SQLDatabase {
        guard let word = statement.text.split(whereSeparator: \.isWhitespace).first, word.uppercased() == "SELECT"
        else {
            throw refusal
        }
        return link.target
    }

    private var refusal: WippyError {
        WippyError(.permissionDenied, "\(id) is read-only: it accepts only statements that begin with SELECT")
    }
}
