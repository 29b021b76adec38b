import WippySQL

extension QueueTable {
    /// The texts of the statements, in the database's own style.
    struct Texts: Sendable {
        private typealias State = QueueSchema.State

        /// The state of a message that may be claimed.
        ///
        /// Suspects are claimed alone.
        private static let takeable = takeable(afterDeaths: "deaths")

        private static func takeable(afterDeaths deaths: String) -> String {
            "CASE WHEN \(deaths) >= \(QueueSchema.deathsOfSuspect) THEN \(State.suspect) ELSE \(State.ready) END"
        }

        private static let isOurs = "WHERE id = ? AND owner = ? AND attempt = ?"

        /// Publishing and claiming.
        let insert, forgetUnique, claim, claimSuspect: String
        /// The ends of claims.
        let remove, keep, giveBack, delay, retryAtOnce, uniqueKey, move, keepUnique, find: String
        /// The passing of time.
        let makeReady, moments, suspects, sweep: String
        /// Counting.
        let count, figures, lengths: String
        /// Moving to another driver.
        let readyToMove, suspectsToMove, delayedToMove, removeMoved: String
        /// Owners.
        let owners, claims, free, leave, forget, probe: String
        /// Pauses and schedules.
        let paused, pause, mark, beginMark, moveMark: String

        init(for database: any QueueDatabase) {
            let lock = database.lockSuffix.head
            func write(_ text: String) -> String { database.parameterStyle.text(marked: text) }
            func claiming(_ state: QueueSchema.State) -> String {
                """
                UPDATE wippy_queue_messages SET state = \(State.claimed), owner = ?, attempt = attempt + 1 WHERE id IN \
                (SELECT id FROM wippy_queue_messages WHERE queue = ? AND state = \(state) \
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
                WHERE queue = ? AND unique_key = ? AND state = \(State.finished) AND unique_until <= ?
                """)
            claim = write(claiming(.ready))
            claimSuspect = write(claiming(.suspect))
            remove = write("DELETE FROM wippy_queue_messages \(Self.isOurs)")
            keep = write("UPDATE wippy_queue_messages SET state = \(State.finished), owner = 0, due = ? \(Self.isOurs)")
            giveBack = write(
                """
                UPDATE wippy_queue_messages SET state = \(Self.takeable), owner = 0, attempt = attempt - 1 \
                \(Self.isOurs)
                """)
            delay = write("UPDATE wippy_queue_messages SET state = \(State.delayed), owner = 0, due = ? \(Self.isOurs)")
            retryAtOnce = write("UPDATE wippy_queue_messages SET state = \(Self.takeable), owner = 0 \(Self.isOurs)")
            uniqueKey = write("SELECT queue, unique_key FROM wippy_queue_messages \(Self.isOurs)")
            move = write(
                """
                UPDATE wippy_queue_messages SET origin = queue, queue = ?, state = \(State.ready), owner = 0, \
                attempt = 0, deaths = 0, due = NULL, expires = NULL, unique_key = NULL, unique_until = NULL, \
                headers = ? \(Self.isOurs)
                """)
            keepUnique = write(
                """
                INSERT INTO wippy_queue_messages (queue, state, priority, attempt, deaths, owner, due, published, \
                unique_key, unique_until, message_id, body) \
                VALUES (?, \(State.finished), 0, 0, 0, 0, ?, ?, ?, ?, '', 'null') \
                ON CONFLICT DO NOTHING
                """)
            find = write("SELECT 1 FROM wippy_queue_messages \(Self.isOurs)")
            makeReady = write(
                """
                UPDATE wippy_queue_messages SET state = \(Self.takeable), due = NULL WHERE id IN \
                (SELECT id FROM wippy_queue_messages WHERE state = \(State.delayed) AND due <= ? \
                ORDER BY due LIMIT ?\(lock)) \
                RETURNING queue
                """)
            moments = write(
                """
                SELECT (SELECT min(due) FROM wippy_queue_messages WHERE state = \(State.delayed)) AS due, \
                (SELECT min(due) FROM wippy_queue_messages WHERE state = \(State.finished)) AS removal, \
                EXISTS (SELECT 1 FROM wippy_queue_messages WHERE state = \(State.suspect)) AS suspects
                """)
            suspects = write("SELECT DISTINCT queue FROM wippy_queue_messages WHERE state = \(State.suspect)")
            sweep = write(
                """
                DELETE FROM wippy_queue_messages WHERE id IN \
                (SELECT id FROM wippy_queue_messages WHERE state = \(State.finished) AND due <= ? ORDER BY due LIMIT ?)
                """)
            count = write(
                """
                SELECT (SELECT count(*) FROM \
                (SELECT 1 FROM wippy_queue_messages WHERE state = \(State.ready) AND queue = ? LIMIT ?) AS part) \
                + (SELECT count(*) FROM \
                (SELECT 1 FROM wippy_queue_messages WHERE state = \(State.suspect) AND queue = ? LIMIT ?) AS part) \
                AS ready, \
                (SELECT count(*) FROM \
                (SELECT 1 FROM wippy_queue_messages WHERE state = \(State.delayed) AND queue = ? LIMIT ?) AS part) \
                AS delayed, \
                (SELECT count(*) FROM wippy_queue_messages WHERE state = \(State.claimed) AND queue = ?) AS claimed
                """)
            // The oldest message of a priority is the first message of that priority.
            figures = write(
                """
                SELECT (SELECT count(*) FROM wippy_queue_messages WHERE origin = ?) AS dead, \
                (SELECT count(*) FROM wippy_queue_queues WHERE queue = ? AND is_paused = 1) AS paused, \
                (SELECT min((SELECT published FROM wippy_queue_messages \
                WHERE queue = ? AND state = \(State.ready) AND priority = column1 ORDER BY id LIMIT 1)) \
                FROM (VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)) AS priorities) AS oldest, \
                (SELECT min(published) FROM wippy_queue_messages WHERE queue = ? AND state = \(State.suspect)) \
                AS oldest_suspect, \
                (SELECT max(attempt) FROM (SELECT attempt FROM wippy_queue_messages \
                WHERE queue = ? AND state = \(State.ready) ORDER BY priority DESC, id LIMIT ?) AS part) AS ready, \
                (SELECT max(attempt) FROM (SELECT attempt FROM wippy_queue_messages \
                WHERE queue = ? AND state = \(State.delayed) ORDER BY due LIMIT ?) AS part) AS delayed, \
                (SELECT max(attempt) FROM wippy_queue_messages WHERE queue = ? AND state = \(State.claimed)) \
                AS claimed, \
                (SELECT max(attempt) FROM wippy_queue_messages WHERE queue = ? AND state = \(State.suspect)) AS suspect
                """)
            lengths = write(
                """
                SELECT queue, count(*) AS count FROM wippy_queue_messages WHERE state = \(State.ready) GROUP BY queue \
                UNION ALL \
                SELECT queue, count(*) FROM wippy_queue_messages WHERE state = \(State.delayed) GROUP BY queue \
                UNION ALL \
                SELECT queue, count(*) FROM wippy_queue_messages WHERE state = \(State.suspect) GROUP BY queue
                """)
            readyToMove = write(moving("state = \(State.ready) ORDER BY priority DESC, id"))
            suspectsToMove = write(moving("state = \(State.suspect) ORDER BY priority DESC, id"))
            delayedToMove = write(moving("state = \(State.delayed) ORDER BY due"))
            removeMoved = write("DELETE FROM wippy_queue_messages WHERE id = ? AND owner = 0")
            owners = write("SELECT id FROM wippy_queue_owners WHERE id <> ?")
            claims = write(
                """
                SELECT id, attempt, unique_until FROM wippy_queue_messages \
                WHERE state = \(State.claimed) AND owner = ?
                """)
            free = write(
                """
                UPDATE wippy_queue_messages SET owner = 0, deaths = deaths + 1, \
                state = \(Self.takeable(afterDeaths: "deaths + 1")) \
                WHERE state = \(State.claimed) AND owner = ? RETURNING queue
                """)
            leave = write(
                """
                UPDATE wippy_queue_messages SET owner = 0, attempt = attempt - 1, state = \(Self.takeable) \
                WHERE state = \(State.claimed) AND owner = ?
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
    }
}
