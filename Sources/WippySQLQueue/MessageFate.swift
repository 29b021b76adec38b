import WippyRuntime
import WippySQL
import WippyValues

/// What has become of a message.
package struct MessageFate: Sendable {
    /// What its publisher has marked it with.
    package let mark: String
    /// Whether its handler has done its work.
    package let isFinished: Bool
    /// How often it was handed to a worker, by the queue that it is in.
    package let attempts: Int
    /// Whether it is a dead letter.
    package let isDead: Bool
    /// Whether it is one because the process died whenever a handler had it.
    package let diedOfCrashes: Bool

    /// Creates the record.
    package init(mark: String, isFinished: Bool, attempts: Int, isDead: Bool, diedOfCrashes: Bool) {
        self.mark = mark
        self.isFinished = isFinished
        self.attempts = attempts
        self.isDead = isDead
        self.diedOfCrashes = diedOfCrashes
    }
}

extension StoredQueues {
    private struct FateRow: Decodable {
        let row, state, attempt: Int
        let headers: String
    }

    /// What has become of the messages that have a text in a header, which is their mark.
    package func fates(markedBy header: String) async throws -> [MessageFate] {
        var fates: [MessageFate] = []
        var last = 0
        while true {
            let rows = try await database.query(
                """
                SELECT id AS row, state, attempt, headers FROM wippy_queue_messages
                WHERE id > \(last) AND headers IS NOT NULL ORDER BY id LIMIT \(QueueTable.step)
                """, as: FateRow.self)
            guard let end = rows.last?.row else { return fates }
            last = end
            fates += rows.compactMap { row in
                guard let headers = (try? JSON.decode(row.headers))?.map,
                    let mark = headers[header]?.string
                else { return nil }
                return MessageFate(
                    mark: mark, isFinished: row.state == QueueSchema.State.finished.rawValue,
                    attempts: row.attempt, isDead: headers["x_dead_letter_reason"] != nil,
                    diedOfCrashes: headers["x_dead_letter_reason"] == .string(SQLQueue.reasonOfCrashes))
            }
        }
    }
}
