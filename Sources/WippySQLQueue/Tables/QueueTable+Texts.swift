import WippySQL

extension QueueTable {
    /// The texts of the statements, in the database's own style, by what they are for.
    struct Texts: Sendable {
        let publishing: Publishing
        let claiming: Claiming
        let settling: Settling
        let time: Time
        let counting: Counting
        let moving: Moving
        let owners: Owners
        let pauses: Pauses
        let schedules: Schedules

        init(for database: any QueueDatabase) {
            let write = Writer(for: database)
            publishing = Publishing(write)
            claiming = Claiming(write)
            settling = Settling(write)
            time = Time(write)
            counting = Counting(write)
            moving = Moving(write)
            owners = Owners(write)
            pauses = Pauses(write)
            schedules = Schedules(write)
        }

        /// Writes statements in a database's own style.
        struct Writer {
            private let style: SQLParameterStyle

            /// The end of a subquery whose rows are changed.
            let lock: String

            init(for database: any QueueDatabase) {
                style = database.parameterStyle
                lock = database.lockSuffix.head
            }

            func callAsFunction(_ text: String) -> String { style.text(marked: text) }
        }

        private typealias State = QueueSchema.State

        private static let isOurs = "WHERE id = ? AND owner = ? AND attempt = ?"
    }
}

extension QueueTable.Texts {
    /// The statements that add messages.
    struct Publishing: Sendable {
        let insert, forgetUnique: String

        init(_ write: Writer) {
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
        }
    }
}

extension QueueTable.Texts {
    /// The statements that claim messages.
    struct Claiming: Sendable {
        let ready, suspect: String

        init(_ write: Writer) {
            func claiming(_ state: State) -> String {
                """
                UPDATE wippy_queue_messages SET state = \(State.claimed), owner = ?, attempt = attempt + 1 WHERE id IN \
                (SELECT id FROM wippy_queue_messages WHERE queue = ? AND state = \(state) \
                ORDER BY priority DESC, id LIMIT ?\(write.lock)) \
                RETURNING id, priority, attempt, published, expires, unique_until, message_id, headers, body
                """
            }
            ready = write(claiming(.ready))
            suspect = write(claiming(.suspect))
        }
    }
}

extension QueueTable.Texts {
    /// The statements that end claims.
    struct Settling: Sendable {
        let remove, keep, giveBack, delay, retryAtOnce, uniqueKey, move, keepUnique, find: String

        init(_ write: Writer) {
            remove = write("DELETE FROM wippy_queue_messages \(isOurs)")
            // A message that a handler has handled is no dead letter any more.
            keep = write(
                """
                UPDATE wippy_queue_messages SET state = \(State.finished), owner = 0, due = ?, origin = NULL \(isOurs)
                """)
            giveBack = write(
                """
                UPDATE wippy_queue_messages SET state = \(QueueSchema.claimable), owner = 0, attempt = attempt - 1 \
                \(isOurs)
                """)
            delay = write("UPDATE wippy_queue_messages SET state = \(State.delayed), owner = 0, due = ? \(isOurs)")
            retryAtOnce = write("UPDATE wippy_queue_messages SET state = \(QueueSchema.claimable), owner = 0 \(isOurs)")
            uniqueKey = write("SELECT queue, unique_key FROM wippy_queue_messages \(isOurs)")
            move = write(
                """
                UPDATE wippy_queue_messages SET origin = queue, queue = ?, state = \(State.ready), owner = 0, \
                attempt = 0, deaths = 0, due = NULL, expires = NULL, unique_key = NULL, unique_until = NULL, \
                headers = ? \(isOurs)
                """)
            keepUnique = write(
                """
                INSERT INTO wippy_queue_messages (queue, state, priority, attempt, deaths, owner, due, published, \
                unique_key, unique_until, message_id, body) \
                VALUES (?, \(State.finished), 0, 0, 0, 0, ?, ?, ?, ?, '', 'null') \
                ON CONFLICT DO NOTHING
                """)
            find = write("SELECT 1 FROM wippy_queue_messages \(isOurs)")
        }
    }
}

extension QueueTable.Texts {
    /// The statements about times that have come.
    struct Time: Sendable {
        let makeReady, moments, suspects, sweep: String

        init(_ write: Writer) {
            makeReady = write(
                """
                UPDATE wippy_queue_messages SET state = \(QueueSchema.claimable), due = NULL WHERE id IN \
                (SELECT id FROM wippy_queue_messages WHERE state = \(State.delayed) AND due <= ? \
                ORDER BY due LIMIT ?\(write.lock)) \
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
        }
    }
}

extension QueueTable.Texts {
    /// The statements that count messages.
    struct Counting: Sendable {
        let count, figures, lengths: String

        init(_ write: Writer) {
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
        }
    }
}

extension QueueTable.Texts {
    /// The statements that move messages to another driver.
    struct Moving: Sendable {
        let ready, suspects, delayed, remove: String

        init(_ write: Writer) {
            func moving(_ which: String) -> String {
                """
                SELECT id, attempt, published, due, message_id AS uuid, headers, body FROM wippy_queue_messages \
                WHERE queue = ? AND \(which) LIMIT ?
                """
            }
            ready = write(moving("state = \(State.ready) ORDER BY priority DESC, id"))
            suspects = write(moving("state = \(State.suspect) ORDER BY priority DESC, id"))
            delayed = write(moving("state = \(State.delayed) ORDER BY due"))
            remove = write("DELETE FROM wippy_queue_messages WHERE id = ? AND owner = 0")
        }
    }
}

extension QueueTable.Texts {
    /// The statements about processes that own claims.
    struct Owners: Sendable {
        let others, claims, free, leave, forget, probe: String

        init(_ write: Writer) {
            others = write("SELECT id FROM wippy_queue_owners WHERE id <> ?")
            claims = write(
                """
                SELECT id, attempt, unique_until FROM wippy_queue_messages \
                WHERE state = \(State.claimed) AND owner = ?
                """)
            free = write(
                """
                UPDATE wippy_queue_messages SET owner = 0, deaths = deaths + 1, \
                state = \(QueueSchema.claimable(afterDeaths: "deaths + 1")) \
                WHERE state = \(State.claimed) AND owner = ? RETURNING queue
                """)
            leave = write(
                """
                UPDATE wippy_queue_messages SET owner = 0, attempt = attempt - 1, state = \(QueueSchema.claimable) \
                WHERE state = \(State.claimed) AND owner = ?
                """)
            forget = write("DELETE FROM wippy_queue_owners WHERE id = ?")
            probe = write("UPDATE wippy_queue_owners SET started = started WHERE started <= ?")
        }
    }
}

extension QueueTable.Texts {
    /// The statements about pauses.
    struct Pauses: Sendable {
        let paused, pause: String

        init(_ write: Writer) {
            paused = write("SELECT queue FROM wippy_queue_queues WHERE is_paused = 1")
            pause = write(
                """
                INSERT INTO wippy_queue_queues (queue, is_paused) VALUES (?, ?) \
                ON CONFLICT (queue) DO UPDATE SET is_paused = excluded.is_paused
                """)
        }
    }
}

extension QueueTable.Texts {
    /// The statements about schedules.
    struct Schedules: Sendable {
        let mark, beginMark, moveMark: String

        init(_ write: Writer) {
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
