import WippyRuntime
import WippySQL
import WippyValues

/// What has become of a message, for a test by killing.
package struct MessageFate: Sendable {
    /// The request that has published it.
    package let request: String
    /// Whether its handler has done its work.
    package let isFinished: Bool
    /// How often it was handed to a worker, by the queue that it is in.
    package let attempts: Int
    /// Whether it is a dead letter.
    package let isDead: Bool
    /// Whether it is one because the process died whenever a handler had it.
    package let diedOfCrashes: Bool

    /// Creates the record.
    package init(request: String, isFinished: Bool, attempts: Int, isDead: Bool, diedOfCrashes: Bool) {
        self.request = request
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

    /// What has become of the messages whose headers say which request has published them.
    package var fates: [MessageFate] {
        get async throws {
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
                        let request = headers[CrashTest.requestHeader]?.string
                    else { return nil }
                    return MessageFate(
                        request: request, isFinished: row.state == QueueSchema.State.finished.rawValue,
                        attempts: row.attempt, isDead: headers["x_dead_letter_reason"] != nil,
                        diedOfCrashes: headers["x_dead_letter_reason"] == .string(SQLQueue.reasonOfCrashes))
                }
            }
        }
    }
}
