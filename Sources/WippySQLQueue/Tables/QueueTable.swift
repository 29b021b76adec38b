import WippyRuntime
import WippySQL
import WippyValues

/// The statements on the tables of queues.
///
/// Each statement is one commit or a part of one.
///
/// Times are in milliseconds since 1970. A statement that changes a claimed message names the message's row, owner and
/// attempt. If the claim was lost, the statement finds no row.
final class QueueTable: Sendable {
    /// The texts of the statements, in the database's own style.
    struct Texts: Sendable {
        /// The state of a message that may be claimed.
        ///
        /// Suspects are claimed alone.
        private static let takeable = "CASE WHEN deaths >= \(QueueSchema.deathsOfSuspect) THEN 4 ELSE 1 END"
        private static let isOurs = "WHERE id = ? AND owner = ? AND attempt = ?"

        let insert, forgetUnique, claim, claimSuspect, remove, keep, giveBack, delay, retryAtOnce, uniqueKey, move,
            keepUnique, find,
            makeReady, moments, suspects, sweep, count, figures, lengths, readyToMove, suspectsToMove, delayedToMove,
            removeMoved,
            owners, claims, free, leave, forget, probe, paused, pause, mark, beginMark, moveMark: String

        init(for database: any QueueDatabase) {
            let lock = database.lockSuffix.head
            func write(_ text: String) -> String { database.placeholders.text(marked: text) }
            func claiming(_ state: QueueSchema.State) -> String {
                """
                UPDATE wippy_queue_messages SET state = 3, owner = ?, attempt = attempt + 1 WHERE id IN \
                (SELECT id FROM wippy_queue_messages WHERE queue = ? AND state = \(state.rawValue) \
                ORDER BY priority DESC, id LIMIT ?\(lock)) \
                RETURNING id, priority, attempt, published, expires, unique_until, message_id, headers, body
                """
            }
            func moving(_ which: String) -> String {
                """
                SELECT id, attempt, published, due, message_id AS uuid, headers, body FROM wippy_queue_messages \
                WHERE queue = ? AND \(which) LIMIT ?
                """
            }
            insert = write(
                """
                INSERT INTO wippy_queue_messages (queue, state, priority, attempt, deaths, owner, due, published, \
                expires, unique_key, unique_until, message_id, headers, body) \
                VALUES (?, ?, ?, ?, 0, 0, ?, ?, ?, ?, ?, ?, ?, ?) \
                ON CONFLICT DO NOTHING
                """)
            forgetUnique = write(
                """
                DELETE FROM wippy_queue_messages \
                WHERE queue = ? AND unique_key = ? AND state = 5 AND unique_until <= ?
                """)
            claim = write(claiming(.ready))
            claimSuspect = write(claiming(.suspect))
            remove = write("DELETE FROM wippy_queue_messages \(Self.isOurs)")
            keep = write("UPDATE wippy_queue_messages SET state = 5, owner = 0, due = ? \(Self.isOurs)")
            giveBack = write(
                """
                UPDATE wippy_queue_messages SET state = \(Self.takeable), owner = 0, attempt = attempt - 1 \
                \(Self.isOurs)
                """)
            delay = write("UPDATE wippy_queue_messages SET state = 2, owner = 0, due = ? \(Self.isOurs)")
            retryAtOnce = write("UPDATE wippy_queue_messages SET state = \(Self.takeable), owner = 0 \(Self.isOurs)")
            uniqueKey = write("SELECT queue, unique_key FROM wippy_queue_messages \(Self.isOurs)")
            move = write(
                """
                UPDATE wippy_queue_messages SET origin = queue, queue = ?, state = 1, owner = 0, attempt = 0, \
                deaths = 0, due = NULL, expires = NULL, unique_key = NULL, unique_until = NULL, headers = ? \
                \(Self.isOurs)
                """)
            keepUnique = write(
                """
                INSERT INTO wippy_queue_messages (queue, state, priority, attempt, deaths, owner, due, published, \
                unique_key, unique_until, message_id, body) \
                VALUES (?, 5, 0, 0, 0, 0, ?, ?, ?, ?, '', 'null') \
                ON CONFLICT DO NOTHING
                """)
            find = write("SELECT 1 FROM wippy_queue_messages \(Self.isOurs)")
            makeReady = write(
                """
                UPDATE wippy_queue_messages SET state = \(Self.takeable), due = NULL WHERE id IN \
                (SELECT id FROM wippy_queue_messages WHERE state = 2 AND due <= ? ORDER BY due LIMIT ?\(lock)) \
                RETURNING queue
                """)
            moments = write(
                """
                SELECT (SELECT min(due) FROM wippy_queue_messages WHERE state = 2) AS due, \
                (SELECT min(due) FROM wippy_queue_messages WHERE state = 5) AS removal, \
                EXISTS (SELECT 1 FROM wippy_queue_messages WHERE state = 4) AS suspects
                """)
            suspects = write("SELECT DISTINCT queue FROM wippy_queue_messages WHERE state = 4")
            sweep = write(
                """
                DELETE FROM wippy_queue_messages WHERE id IN \
                (SELECT id FROM wippy_queue_messages WHERE state = 5 AND due <= ? ORDER BY due LIMIT ?)
                """)
            count = write(
                """
                SELECT (SELECT count(*) FROM \
                (SELECT 1 FROM wippy_queue_messages WHERE state = 1 AND queue = ? LIMIT ?) AS part) \
                + (SELECT count(*) FROM \
                (SELECT 1 FROM wippy_queue_messages WHERE state = 4 AND queue = ? LIMIT ?) AS part) AS ready, \
                (SELECT count(*) FROM \
                (SELECT 1 FROM wippy_queue_messages WHERE state = 2 AND queue = ? LIMIT ?) AS part) AS delayed, \
                (SELECT count(*) FROM wippy_queue_messages WHERE state = 3 AND queue = ?) AS claimed
                """)
            // The oldest message of a priority is the first message of that priority.
            figures = write(
                """
                SELECT (SELECT count(*) FROM wippy_queue_messages WHERE origin = ?) AS dead, \
                (SELECT count(*) FROM wippy_queue_queues WHERE queue = ? AND is_paused = 1) AS paused, \
                (SELECT min((SELECT published FROM wippy_queue_messages \
                WHERE queue = ? AND state = 1 AND priority = column1 ORDER BY id LIMIT 1)) \
                FROM (VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)) AS priorities) AS oldest, \
                (SELECT min(published) FROM wippy_queue_messages WHERE queue = ? AND state = 4) AS oldest_suspect, \
                (SELECT max(attempt) FROM (SELECT attempt FROM wippy_queue_messages \
                WHERE queue = ? AND state = 1 ORDER BY priority DESC, id LIMIT ?) AS part) AS ready, \
                (SELECT max(attempt) FROM (SELECT attempt FROM wippy_queue_messages \
                WHERE queue = ? AND state = 2 ORDER BY due LIMIT ?) AS part) AS delayed, \
                (SELECT max(attempt) FROM wippy_queue_messages WHERE queue = ? AND state = 3) AS claimed, \
                (SELECT max(attempt) FROM wippy_queue_messages WHERE queue = ? AND state = 4) AS suspect
                """)
            lengths = write(
                """
                SELECT queue, count(*) AS count FROM wippy_queue_messages WHERE state = 1 GROUP BY queue UNION ALL \
                SELECT queue, count(*) FROM wippy_queue_messages WHERE state = 2 GROUP BY queue UNION ALL \
                SELECT queue, count(*) FROM wippy_queue_messages WHERE state = 4 GROUP BY queue
                """)
            readyToMove = write(moving("state = 1 ORDER BY priority DESC, id"))
            suspectsToMove = write(moving("state = 4 ORDER BY priority DESC, id"))
            delayedToMove = write(moving("state = 2 ORDER BY due"))
            removeMoved = write("DELETE FROM wippy_queue_messages WHERE id = ? AND owner = 0")
            owners = write("SELECT id FROM wippy_queue_owners WHERE id <> ?")
            claims = write("SELECT id, attempt, unique_until FROM wippy_queue_messages WHERE state = 3 AND owner = ?")
            free = write(
                """
                UPDATE wippy_queue_messages SET owner = 0, deaths = deaths + 1, \
                state = CASE WHEN deaths + 1 >= \(QueueSchema.deathsOfSuspect) THEN 4 ELSE 1 END \
                WHERE state = 3 AND owner = ? RETURNING queue
                """)
            leave = write(
                """
                UPDATE wippy_queue_messages SET owner = 0, attempt = attempt - 1, state = \(Self.takeable) \
                WHERE state = 3 AND owner = ?
                """)
            forget = write("DELETE FROM wippy_queue_owners WHERE id = ?")
            probe = write("UPDATE wippy_queue_owners SET started = started WHERE started <= ?")
            paused = write("SELECT queue FROM wippy_queue_queues WHERE is_paused = 1")
            pause = write(
                """
                INSERT INTO wippy_queue_queues (queue, is_paused) VALUES (?, ?) \
                ON CONFLICT (queue) DO UPDATE SET is_paused = excluded.is_paused
                """)
            mark = write("SELECT second, definition FROM wippy_queue_schedules WHERE schedule = ?")
            beginMark = write(
                """
                INSERT INTO wippy_queue_schedules (schedule, second, definition) VALUES (?, ?, ?) \
                ON CONFLICT DO NOTHING
                """)
            moveMark = write(
                """
                UPDATE wippy_queue_schedules SET second = ?, definition = ? \
                WHERE schedule = ? AND second = ? AND definition = ?
                """)
        }

        /// All texts, for tests of the query plans.
        var all: [String] {
            Mirror(reflecting: self).children.compactMap { $0.value as? String }
        }
    }

    /// The largest number of messages that one statement changes, if the caller gives no number.
    static let step = 500

    /// The number at which a fast count stops.
    static let countMax = 10_000

    let texts: Texts
    let database: Link<any QueueDatabase>

    init(database: Link<any QueueDatabase>) {
        self.database = database
        texts = Texts(for: database.target)
    }

    /// Runs a statement, and returns the number of changed rows.
    func change(_ text: String, _ arguments: [Value], _ durability: CommitDurability) async throws -> Int {
        try await database.target.execute(SQLStatement(text, arguments), durability).rowsAffected
    }
}

// Publishing.
extension QueueTable {
    /// Adds a message.
    ///
    /// - Returns: false if a message with the same unique key prevents this.
    func insert(_ new: NewMessage, _ durability: CommitDurability) async throws -> Bool {
        if try await change(texts.insert, new.arguments, durability) == 1 { return true }
        return try await insertAgain(new) { try await change($0, $1, durability) }
    }

    /// Adds a message within a transaction.
    ///
    /// Returns the same as ``insert(_:_:)``.
    func insert(_ new: NewMessage, in transaction: any SQLTransaction) async throws -> Bool {
        func run(_ text: String, _ arguments: [Value]) async throws -> Int {
            try await transaction.execute(SQLStatement(text, arguments)).rowsAffected
        }
        if try await run(texts.insert, new.arguments) == 1 { return true }
        return try await insertAgain(new, run)
    }

    /// Removes an acknowledged message whose unique key has expired, and tries again to add the new message.
    private func insertAgain(
        _ new: NewMessage, _ run: (String, [Value]) async throws -> Int
    ) async throws -> Bool {
        guard let unique = new.unique else { return false }
        // Another process may have removed that message already. So the new message is inserted in any case.
        _ = try await run(texts.forgetUnique, unique)
        return try await run(texts.insert, new.arguments) == 1
    }
}

// Claiming messages, and the ends of claims.
extension QueueTable {
    /// Claims the next messages of a queue, and returns them in order.
    func claim(_ most: Int, of queue: String, by owner: Int, suspects: Bool = false) async throws -> [ClaimedMessage] {
        let statement = SQLStatement(
            suspects ? texts.claimSuspect : texts.claim, [.integer(owner), .string(queue), .integer(most)])
        // If a power failure undoes a claim, the message is ready.
        let rows = try await database.target.change(statement, .asConfigured)
        return rows.compactMap { ClaimedMessage($0.cells, of: owner) }.sorted { left, right in
            (right.priority, left.claim.row) < (left.priority, right.claim.row)
        }
    }

    /// Removes an acknowledged message, or keeps it for a while.
    ///
    /// - Returns: false if the claim was lost.
    func finish(_ claim: Claim, keptUntil time: Int?) async throws -> Bool {
        // If a power failure undoes this, the message is handled once more.
        guard let time else { return try await change(texts.remove, claim.arguments, .asConfigured) == 1 }
        return try await change(texts.keep, [.integer(time)] + claim.arguments, .asConfigured) == 1
    }

    /// Gives a message back without counting the attempt.
    ///
    /// Returns false if the claim was lost.
    func giveBack(_ claim: Claim) async throws -> Bool {
        try await change(texts.giveBack, claim.arguments, .asConfigured) == 1
    }

    /// Lets a message wait for its next attempt at `due`.
    ///
    /// If `due` is nil, the message is ready at once.
    func tryAgain(_ claim: Claim, at due: Int?) async throws -> Bool {
        guard let due else { return try await change(texts.retryAtOnce, claim.arguments, .asConfigured) == 1 }
        return try await change(texts.delay, [.integer(due)] + claim.arguments, .asConfigured) == 1
    }

    /// Moves a message to another queue with new headers.
    ///
    /// Its attempts are counted from zero again. Its unique key stays in the old queue until the key's period ends.
    ///
    /// - Returns: false if the claim was lost.
    func move(_ claim: Claim, to queue: String, headers: String, at now: Int) async throws -> Bool {
        let arguments = [.string(queue), .string(headers)] + claim.arguments
        guard let end = claim.uniqueUntil, end > now else {
            return try await change(texts.move, arguments, .asConfigured) == 1
        }
        return try await database.target.transaction { transaction in
            let find = SQLStatement(texts.uniqueKey, claim.arguments)
            guard let row = try await transaction.rows(find, atMost: 1).first, let old = row[0], let key = row[1]
            else { return false }
            try await transaction.execute(SQLStatement(texts.move, arguments))
            let place: [Value] = [old, .integer(end), .integer(now), key, .integer(end)]
            try await transaction.execute(SQLStatement(texts.keepUnique, place))
            return true
        }
    }

    /// Returns true if a claim is still valid.
    func holds(_ claim: Claim) async throws -> Bool {
        try await !database.target.rows(SQLStatement(texts.find, claim.arguments), atMost: 1).isEmpty
    }
}

// The passing of time.
extension QueueTable {
    /// The times that the driver must know.
    struct Moments: Decodable, Sendable {
        /// The time at which the next delayed message is due.
        let due: Int?
        /// The time at which the next acknowledged message must be removed.
        let removal: Int?
        /// True if any queue has a suspect.
        let suspects: Bool
    }

    func moments() async throws -> Moments {
        let rows = try await database.target.rows(SQLStatement(texts.moments), atMost: 1)
        return try rows.onlyRow(as: Moments.self)
    }

    /// Returns the keys of the queues that have suspects.
    func suspects() async throws -> [String] {
        let rows = try await database.target.rows(SQLStatement(texts.suspects), atMost: .max)
        return rows.compactMap { $0[0]?.string }
    }

    /// Makes due messages ready.
    ///
    /// - Returns: the key of each message's queue. If there are ``step`` keys, there may be more due messages.
    func makeReady(at now: Int) async throws -> [String] {
        let statement = SQLStatement(texts.makeReady, [.integer(now), .integer(Self.step)])
        return try await database.target.change(statement, .asConfigured).compactMap { $0[0]?.string }
    }

    /// Removes acknowledged messages whose time is up.
    ///
    /// - Returns: the number of removed messages. If it is ``step``, there may be more messages.
    func sweep(at now: Int) async throws -> Int {
        try await change(texts.sweep, [.integer(now), .integer(Self.step)], .asConfigured)
    }
}
