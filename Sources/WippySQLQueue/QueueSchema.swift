import WippyRuntime
import WippySQL

/// The tables of the queues of a database, which stand beside its user's, and how they came to be what they are.
///
/// `wippy_queue_messages` has a row for each message. What it waits for is its `state`, and each state that is looked
/// for has an index of its own, so that no claim passes over rows that are not due. A message has its queue's key: the
/// queue's `queue_name`, else its id.
///
/// `wippy_queue_schedules` has for each schedule, by its id, the second since 1970 to which it has come.
enum QueueSchema {
    /// What a message waits for.
    enum State: Int {
        /// A worker.
        case ready = 1
        /// Its time.
        case delayed = 2
        /// The end of its handler.
        case claimed = 3
        /// A worker, while no other message is in hand: the processes that had it have died.
        case suspect = 4
        /// Its removal: it is kept for a while although it is finished.
        case finished = 5
    }

    /// How many deaths of its owners make a message one that is claimed alone.
    static let deathsOfSuspect = 2

    /// Each step makes of the version before it the version that its place says.
    static func steps(for database: any QueueDatabase) -> [SQL] {
        [
            """
            CREATE TABLE wippy_queue_owners (
                id \(database.lastingKey),
                started BIGINT NOT NULL
            );
            CREATE TABLE wippy_queue_queues (
                queue TEXT PRIMARY KEY,
                is_paused BIGINT NOT NULL
            );
            CREATE TABLE wippy_queue_messages (
                id \(database.numberedKey),
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
            """,
            """
            CREATE TABLE wippy_queue_schedules (
                schedule TEXT PRIMARY KEY,
                second BIGINT NOT NULL,
                definition TEXT NOT NULL
            );
            """,
        ]
    }

    /// Makes the tables, or of those of an older version what this one needs.
    ///
    /// - Throws: `Invalid` if they are of a later version.
    static func migrate(_ database: any QueueDatabase) async throws {
        let steps = steps(for: database)
        try await database.transaction { transaction in
            try await transaction.execute(
                script: "CREATE TABLE IF NOT EXISTS wippy_queue_schema (version BIGINT NOT NULL)")
            let version = try await transaction.first("SELECT version FROM wippy_queue_schema", as: Int.self)
            guard version ?? 0 <= steps.count else {
                throw WippyError(
                    .invalid,
                    "the tables of the queues have the version \(version ?? 0), and this program knows \(steps.count): "
                        + "use the program that has made them, or a later one",
                    isRetryable: false)
            }
            guard version != steps.count else { return }
            for step in steps[(version ?? 0)...] { try await transaction.execute(script: step) }
            try await transaction.execute("DELETE FROM wippy_queue_schema")
            try await transaction.execute("INSERT INTO wippy_queue_schema (version) VALUES (\(steps.count))")
        }
    }
}
