public import WippyMessaging
import WippyRuntime
public import WippySQL
import WippyText
import WippyValues

/// The queues in the tables of a database, by their keys.
///
/// A key is a queue's `queue_name`, or the id of its entry.
///
/// You can use them even if no application runs: each call creates the tables if they are missing. If an application
/// runs, use the queues of its entries instead, because it may not notice changes that you make here.
///
/// Each call throws `WippyError` of kind `Invalid` when the tables are from a later version of wippy-swift.
public struct StoredQueues: Sendable {
    private typealias State = QueueSchema.State

    private let table: QueueTable
    /// True if the tables are there, because the driver runs.
    private let haveTables: Bool
    private let now: @Sendable () -> Int

    /// Creates access to the queues of an open database.
    public init(of database: any QueueDatabase) {
        self.init(in: QueueTable(database: Link(database)), haveTables: false) { UnixTime.milliseconds }
    }

    init(in table: QueueTable, haveTables: Bool, now: @escaping @Sendable () -> Int) {
        self.table = table
        self.haveTables = haveTables
        self.now = now
    }

    var database: any QueueDatabase { table.database.target }

    /// Creates the tables if they are missing.
    func createMissingTables() async throws {
        if !haveTables { try await QueueSchema.migrate(database) }
    }

    /// The keys of the queues that have messages or have been paused, sorted.
    ///
    /// A queue that keeps only acknowledged messages or unique keys is among them.
    ///
    /// - Throws: the database's error.
    public var keys: [String] {
        get async throws {
            try await createMissingTables()
            return try await database.query(
                "SELECT queue FROM wippy_queue_messages UNION SELECT queue FROM wippy_queue_queues ORDER BY 1",
                as: String.self)
        }
    }

    /// Returns the figures of a queue, without its rates.
    ///
    /// Only dead letters in these tables count, not those in a queue of another driver.
    ///
    /// - Parameter queue: the key of the queue.
    /// - Throws: the database's error.
    public func info(of queue: String) async throws -> QueueInfo {
        try await info(of: queue, count: try await count(of: queue))
    }

    /// Returns the number of messages in a queue.
    func count(of queue: String) async throws -> MessageCount {
        try await createMissingTables()
        return try await table.count(of: queue)
    }

    /// Returns the figures of a queue whose messages have been counted.
    func info(of queue: String, count: MessageCount) async throws -> QueueInfo {
        let figures = try await table.figures(of: queue)
        return QueueInfo(
            count: count, dead: figures.dead,
            oldestAge: figures.oldestPublished.map { .milliseconds(max(0, now() - max($0, 0))) },
            attemptsMost: figures.attemptsMost, isPaused: figures.isPaused)
    }

    private struct Row: Decodable {
        let attempt, published: Int
        let due: Int?
        let id, body: String
        let headers: String?
    }

    /// Returns the ready messages, followed by the delayed messages.
    ///
    /// - Parameters:
    ///   - queue: the key of the queue.
    ///   - most: the largest number of messages to return.
    /// - Throws: the database's error.
    public func peek(at queue: String, atMost most: Int) async throws -> [QueuedMessage] {
        try await createMissingTables()
        let byTurn: SQL = "ORDER BY priority DESC, wippy_queue_messages.id"
        // The ready messages, the messages that are claimed alone, and the delayed messages. Each part has its own
        // index.
        let parts: [SQL] = [
            "state = \(State.ready.sql) \(byTurn)", "state = \(State.suspect.sql) \(byTurn)",
            "state = \(State.delayed.sql) ORDER BY due",
        ]
        var rows: [Row] = []
        for part in parts where rows.count < most {
            rows += try await database.query(
                """
                SELECT attempt, published, due, message_id AS id, body, headers FROM wippy_queue_messages
                WHERE queue = \(queue) AND \(part) LIMIT \(most - rows.count)
                """, as: Row.self)
        }
        let now = now()
        return rows.map { row in
            QueuedMessage(
                message: ClaimedMessage.message(
                    id: row.id, body: row.body, headers: row.headers, published: row.published,
                    attempts: row.attempt),
                delay: .milliseconds(row.due.map { max(0, max($0, 0) - now) } ?? 0),
                age: .milliseconds(max(0, now - max(row.published, 0))))
        }
    }

    /// Moves the ready dead letters of a queue back to the queues from which they came, and makes its delayed messages
    /// ready.
    ///
    /// A dead letter from a queue of another driver stays. The attempts of a dead letter are counted from zero again.
    ///
    /// - Parameters:
    ///   - queue: the key of the queue.
    ///   - most: the largest number of messages to change.
    /// - Returns: for each changed message, the key of the queue that has it now.
    /// - Throws: the database's error.
    public func retry(of queue: String, atMost most: Int) async throws -> [String] {
        var keys: [String] = []
        try await retry(of: queue, atMost: most) { keys += $0 }
        return keys
    }

    /// Moves a queue's dead letters back, and makes its delayed messages ready at once.
    ///
    /// - Parameter didChange: called after each step with the key of the queue of each changed message.
    func retry(of queue: String, atMost most: Int, didChange: ([String]) -> Void) async throws {
        try await createMissingTables()
        // For SQLite, a limit below 0 is none.
        let most = max(most, 0)
        var count = 0
        // Each of the two states has its own index.
        for state in [State.ready, .suspect] {
            let letters = try await change(
                """
                UPDATE wippy_queue_messages
                SET queue = origin, state = \(State.ready.sql), origin = NULL, attempt = 0, deaths = 0
                WHERE id IN (SELECT id FROM wippy_queue_messages
                    WHERE queue = \(queue) AND state = \(state.sql) AND origin IS NOT NULL ORDER BY id
                    LIMIT \(most - count)\(database.lockSuffix))
                RETURNING queue
                """)
            didChange(letters)
            count += letters.count
        }
        let delayed = try await change(
            """
            UPDATE wippy_queue_messages SET state = \(SQL(trusting: QueueSchema.claimable)), due = NULL
            WHERE id IN (SELECT id FROM wippy_queue_messages
                WHERE queue = \(queue) AND state = \(State.delayed.sql) ORDER BY due
                LIMIT \(most - count)\(database.lockSuffix))
            RETURNING queue
            """)
        didChange(delayed)
    }

    private func change(_ sql: SQL) async throws -> [String] {
        let statement = try sql.statement(parameterStyle: database.parameterStyle)
        return try await database.change(statement, .full).compactMap { $0[0]?.string }
    }

    /// Removes a queue's messages, except those that a worker has claimed.
    ///
    /// It also removes the acknowledged messages and the unique keys that the queue has kept, but does not count them.
    ///
    /// - Parameter queue: the key of the queue.
    /// - Returns: the number of removed messages.
    /// - Throws: the database's error.
    public func purge(_ queue: String) async throws -> Int {
        var count = 0
        try await purge(queue) { count += $0 }
        return count
    }

    /// Removes every message of a queue that no worker has claimed.
    ///
    /// - Parameter didRemove: called after each step with the number of removed messages. Acknowledged messages do not
    ///   count.
    func purge(_ queue: String, didRemove: (Int) -> Void) async throws {
        try await createMissingTables()
        for state in [State.ready, .suspect, .delayed, .finished] {
            while true {
                let removed = try await database.execute(
                    """
                    DELETE FROM wippy_queue_messages WHERE id IN (SELECT id FROM wippy_queue_messages
                        WHERE queue = \(queue) AND state = \(state.sql)
                        LIMIT \(QueueTable.step)\(database.lockSuffix))
                    """
                ).rowsAffected
                if state != .finished { didRemove(removed) }
                guard removed == QueueTable.step else { break }
            }
        }
    }

    /// Pauses a queue, or ends its pause.
    ///
    /// While a queue is paused, workers get no messages from it. The pause continues after a restart.
    ///
    /// - Parameters:
    ///   - isPaused: true to pause the queue, false to end the pause.
    ///   - queue: the key of the queue.
    /// - Throws: the database's error.
    public func setPaused(_ isPaused: Bool, for queue: String) async throws {
        try await createMissingTables()
        try await table.pause(queue, isPaused, .full)
    }
}

extension SQLQueue: AdministeredQueue {
    /// The queues in the tables.
    ///
    /// The running driver has created the tables already.
    var storedQueues: StoredQueues {
        StoredQueues(in: driver.table, haveTables: driver.owner != nil) { [time = driver.time] in time.now }
    }

    var info: QueueInfo {
        get async throws {
            var info = try await storedQueues.info(of: stored.key, count: try await count)
            if let deadLetters = settings.deadLetters, neighbour(for: deadLetters) == nil { info.dead = nil }
            return info
        }
    }

    func peek(atMost most: Int) async throws -> [QueuedMessage] {
        try await storedQueues.peek(at: stored.key, atMost: most)
    }

    func retry(atMost most: Int) async throws -> Int {
        // Each step is noted at once, because the next one can fail.
        var count = 0
        try await storedQueues.retry(of: stored.key, atMost: most) { queues in
            stored.didLose(queues.count)
            driver.ringQueues(of: queues)
            count += queues.count
        }
        return count
    }

    func purge() async throws -> Int {
        var count = 0
        try await storedQueues.purge(stored.key) { removed in
            stored.didLose(removed)
            count += removed
        }
        return count
    }

    func pause() async throws {
        try await storedQueues.setPaused(true, for: stored.key)
        stored.pause(true)
    }

    func resume() async throws {
        try await storedQueues.setPaused(false, for: stored.key)
        stored.pause(false)
    }
}
