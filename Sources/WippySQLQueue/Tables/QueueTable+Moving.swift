import WippyMessaging
import WippyRuntime
import WippySQL
import WippyValues

// Moving to another driver.
extension QueueTable {
    private struct Row: Decodable {
        let id, attempt, published: Int
        let due: Int?
        let uuid, body: String
        let headers: String?

        func message(at now: Int) -> QueuedMessage {
            QueuedMessage(
                message: ClaimedMessage.message(
                    id: uuid, body: body, headers: headers, published: published, attempts: attempt),
                delay: .milliseconds(due.map { max(0, $0 - now) } ?? 0),
                age: .milliseconds(max(0, now - max(published, 0))))
        }
    }

    /// Returns messages that no worker has claimed, at most ``step`` of them.
    ///
    /// Ready messages come first, in their order.
    func messagesToMove(of queue: String, at now: Int) async throws -> [(row: Int, message: QueuedMessage)] {
        for text in [texts.moving.ready, texts.moving.suspects, texts.moving.delayed] {
            let statement = SQLStatement(text, [.string(queue), .integer(Self.step)])
            let rows = try await database.target.rows(statement, atMost: Self.step).decoded(as: Row.self)
            if !rows.isEmpty { return rows.map { ($0.id, $0.message(at: now)) } }
        }
        return []
    }

    /// Adds messages from another queue: all of them, or none.
    ///
    /// - Returns: the number of messages that were added.
    func insert(_ messages: [NewMessage]) async throws -> Int {
        try await database.target.transaction { transaction in
            var count = 0
            for message in messages where try await insert(message, in: transaction) { count += 1 }
            return count
        }
    }

    /// Removes messages that another queue has accepted: all of them, or none.
    func removeMoved(_ rows: [Int]) async throws {
        try await database.target.transaction { transaction in
            for row in rows { try await transaction.execute(SQLStatement(texts.moving.remove, [.integer(row)])) }
        }
    }
}
