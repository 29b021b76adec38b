import Wippy

/// `db.sql.readonly`: gives access to another database, for reading only.
struct ReadOnlyDatabaseKind: EntryKind {
    static let name: KindName = "db.sql.readonly"
    static let summary = "Another database that refuses every change."

    struct Config: EntryConfig {
        let database: Reference<any SQLDatabase>

        init(from fields: inout FieldReader) {
            database = fields.reference("database", .database, "The database that is read.")
        }
    }

    func build(_ entry: Entry<Config>, with context: BuildContext) throws -> Built<ReadOnlyDatabase> {
        .component(ReadOnlyDatabase(link: try context.resolve(entry.config.database)))
    }
}

/// A database whose every call is a transaction that only reads.
///
/// So the other database itself decides which statement is a change. In SQLite such a transaction also lets all changes
/// wait until it ends.
struct ReadOnlyDatabase: SQLDatabase {
    let link: Link<any SQLDatabase>

    var parameterStyle: SQLParameterStyle { link.target.parameterStyle }
    var product: SQLProduct { link.target.product }
    var connections: SQLConnections { link.target.connections }

    func check(_ text: String) async throws { try await link.target.check(text) }

    func execute(_ statement: SQLStatement) async throws -> SQLChanges {
        try await transaction { try await $0.execute(statement) }
    }

    func execute(script: SQLStatement) async throws { try await transaction { try await $0.execute(script: script) } }

    func rows(_ statement: SQLStatement, atMost maxRows: Int) async throws -> SQLRows {
        try await transaction { try await $0.rows(statement, atMost: maxRows) }
    }

    func json(_ statement: SQLStatement) async throws -> SQLJSON {
        try await transaction { try await $0.json(statement) }
    }

    func begin() async throws -> any SQLTransaction { try await begin(SQLTransactionOptions()) }

    func begin(_ options: SQLTransactionOptions) async throws -> any SQLTransaction {
        var options = options
        options.isReadOnly = true
        return try await link.target.begin(options)
    }
}
