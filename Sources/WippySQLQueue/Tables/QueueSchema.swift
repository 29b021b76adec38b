import WippyRuntime
import WippySQL

/// The tables of queues in a database, beside the user's own tables, and the steps from version to version.
///
/// `wippy_queue_messages` has a row for each message. The column `state` has its ``State``. Each state that statements
/// look for has its own index. So a claim reads no rows that are not due. A message has the key of its queue: the
/// `queue_name`, or the id of the entry.
///
/// `wippy_queue_schedules` has a row for each schedule, by its id. The row has the second of its last tick, counted
/// since 1970.
enum QueueSchema {
    /// The state of a message: the event for which it waits.
    enum State: Int, CustomStringConvertible {
        /// The message waits for a worker.
        case ready = 1
        /// The message waits for its time.
        case delayed = 2
        /// The message waits for the end of its handler.
        case claimed = 3
        /// The message waits for a worker, and for a time in which no other message is claimed. The processes that had
        /// it have died.
        case suspect = 4
        /// The message was acknowledged, is kept for a while, and waits for its removal.
        case finished = 5

        /// The number, as it stands in a statement.
        var description: String { "\(rawValue)" }

        /// The number as a part of a statement.
        ///
        /// It is not an argument, because an index of one state serves only statements that name the state.
        var sql: SQL { SQL(trusting: description) }
    }

    /// The number of deaths of its owners that makes a message a suspect.
    ///
    /// A suspect is claimed alone.
    static let deathsOfSuspect = 2

    /// The state of a message that may be claimed, as it stands in a statement.
    static let claimable = claimable(afterDeaths: "deaths")

    static func claimable(afterDeaths deaths: String) -> String {
        "CASE WHEN \(deaths) >= \(deathsOfSuspect) THEN \(State.suspect) ELSE \(State.ready) END"
    }

    /// The steps.
    ///
    /// Each step changes the tables from the version with its index to the next version.
    static let steps: [@Sendable (any QueueKeys) -> SQL] = [
        { keys in
            """
            CREATE TABLE wippy_queue_owners (
                id \(keys.lastingKey),
                started BIGINT NOT NULL
            );
            CREATE TABLE wippy_queue_queues (
                queue TEXT PRIMARY KEY,
                is_paused BIGINT NOT NULL
            );
            CREATE TABLE wippy_queue_messages (
                id \(keys.numberedKey),
                queue TEXT NOT NULL,
                state BIGINT NOT NULL,
                priority BIGINT NOT NULL,
                attempt BIGINT NOT NULL,
                deaths BIGINT NOT NULL,
                owner BIGINT NOT NULL,
                due BIGINT,
                published BIGINT NOT NULL,
                expires BIGINT,
                unique_key TEXT,
                unique_until BIGINT,
                origin TEXT,
                message_id TEXT NOT NULL,
                headers TEXT,
                body TEXT NOT NULL
            );
            CREATE INDEX wippy_queue_ready ON wippy_queue_messages (queue, priority DESC, id) WHERE state = 1;
            CREATE INDEX wippy_queue_delayed ON wippy_queue_messages (due, queue) WHERE state = 2;
            CREATE INDEX wippy_queue_claimed ON wippy_queue_messages (owner, queue) WHERE state = 3;
            CREATE INDEX wippy_queue_suspect ON wippy_queue_messages (queue, priority DESC, id) WHERE state = 4;
            CREATE INDEX wippy_queue_finished ON wippy_queue_messages (due, queue) WHERE state = 5;
            CREATE UNIQUE INDEX wippy_queue_unique ON wippy_queue_messages (queue, unique_key)
                WHERE unique_key IS NOT NULL;
            CREATE INDEX wippy_queue_origin ON wippy_queue_messages (origin) WHERE origin IS NOT NULL;
            """
        },
        { _ in
            """
            CREATE TABLE wippy_queue_schedules (
                schedule TEXT PRIMARY KEY,
                second BIGINT NOT NULL,
                definition TEXT NOT NULL
            );
            """
        },
    ]

    private static let versionTable: SQL = "CREATE TABLE IF NOT EXISTS wippy_queue_schema (version BIGINT NOT NULL)"

    /// Returns the script that creates all tables in an empty database.
    static func creation(with keys: any QueueKeys) -> SQL {
        steps.reduce("\(versionTable);") { "\($0)\n\($1(keys))" }
    }

    /// The query for the version of a database's tables.
    static let storedVersion: SQL = "SELECT version FROM wippy_queue_schema"

    /// Returns a sentence that says why this program cannot use tables of a version; nil if it can.
    static func misfit(of version: Int) -> String? {
        guard version > steps.count else { return nil }
        return "the tables of the queues have the version \(version), but this program knows version \(steps.count): "
            + "use the program that made them, or a later one"
    }

    /// Creates the tables, or changes tables of an older version to the current version.
    ///
    /// Several processes may do this at the same time.
    ///
    /// - Throws: `WippyError` of kind `Invalid` when the tables have a later version.
    static func migrate(_ database: any QueueDatabase) async throws {
        do {
            try await migrateOnce(database)
        } catch let error as WippyError where error.kind == .alreadyExists {
            // Another process has just created the tables: a database with several writers refuses the second creation
            // when the first one is committed.
            try await migrateOnce(database)
        }
    }

    private static func migrateOnce(_ database: any QueueDatabase) async throws {
        let steps = steps.map { $0(database) }
        try await database.transaction { transaction in
            try await transaction.execute(script: versionTable)
            guard var version = try await transaction.first(storedVersion, as: Int.self)
            else {
                for step in steps { try await transaction.execute(script: step) }
                try await transaction.execute("INSERT INTO wippy_queue_schema (version) VALUES (\(steps.count))")
                return
            }
            if version < steps.count {
                // The change locks the row until the transaction ends, and waits for the process that has locked it.
                version =
                    try await transaction.first(
                        "UPDATE wippy_queue_schema SET version = version RETURNING version", as: Int.self) ?? version
            }
            if let misfit = Self.misfit(of: version) { throw WippyError(.invalid, misfit, isRetryable: false) }
            guard version < steps.count else { return }
            for step in steps[version...] { try await transaction.execute(script: step) }
            try await transaction.execute("UPDATE wippy_queue_schema SET version = \(steps.count)")
        }
    }
}
