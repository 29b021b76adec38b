import WippyMessaging
import WippySQL
import WippyValues

/// The state of a message, for a test that follows single messages.
package struct MessageFate: Sendable {
    /// The text with which the publisher has marked the message.
    package let mark: String
    /// True if the handler has done its work.
    package let isFinished: Bool
    /// The number of times that a worker has claimed the message in its current queue.
    package let attempts: Int
    /// True if the message has become a dead letter.
    package let isDead: Bool
    /// True if the message became a dead letter because too many attempts ended with their process.
    package let diedOfCrashes: Bool

    /// Creates the state of a message from its parts.
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

    /// Returns the states of the messages that have a certain header.
    ///
    /// The text of the header is the mark.
    package func fates(markedBy header: String) async throws -> [MessageFate] {
        try await createMissingTables()
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
                let reason = headers[MessageHeader.deadLetterReason]
                return MessageFate(
                    mark: mark, isFinished: row.state == QueueSchema.State.finished.rawValue,
                    attempts: row.attempt, isDead: reason != nil,
                    diedOfCrashes: reason == .string(SQLQueue.reasonOfCrashes))
            }
        }
    }
}
