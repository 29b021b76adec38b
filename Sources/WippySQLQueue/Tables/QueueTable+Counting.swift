import WippyMessaging
import WippyRuntime
import WippySQL
import WippyText
import WippyValues

// Counting.
extension QueueTable {
    private struct Count: Decodable {
        let ready, delayed, claimed: Int
    }

    /// The figures of a queue, without its counts.
    struct Figures: Decodable, Sendable {
        /// The number of messages of the queue that are dead letters now.
        let dead: Int
        private let paused: Int
        private let oldest, oldestSuspect: Int?
        private let ready, delayed, claimed, suspect: Int?

        private enum CodingKeys: String, CodingKey {
            case dead, paused, oldest, ready, delayed, claimed, suspect
            case oldestSuspect = "oldest_suspect"
        }

        var isPaused: Bool { paused > 0 }

        /// The time at which the oldest ready message was published; nil if no message is ready.
        var oldestPublished: Int? { [oldest, oldestSuspect].compactMap(\.self).min() }

        /// The largest number of attempts of a message.
        ///
        /// Only the claimed messages and the first of the waiting messages are examined.
        var attemptsMost: Int { [ready, delayed, claimed, suspect].compactMap(\.self).max() ?? 0 }
    }

    private struct Length: Decodable {
        let queue: String
        let count: Int
    }

    /// Counts the messages of a queue.
    ///
    /// - Parameters:
    ///   - most: the number at which the counts of ready and of delayed messages stop.
    ///   - transaction: the transaction that counts; nil for the database itself.
    func count(
        of queue: String, atMost most: Int = .max, in transaction: (any SQLTransaction)? = nil
    ) async throws -> MessageCount {
        let (queue, most) = (Value.string(queue), Value.integer(most))
        let statement = SQLStatement(texts.counting.count, [queue, most, queue, most, queue, most, queue])
        let rows = try await reader(transaction).rows(statement, atMost: 1)
        let count = try rows.onlyRow(as: Count.self)
        return MessageCount(ready: count.ready, delayed: count.delayed, claimed: count.claimed)
    }

    /// Returns the figures of a queue, without its counts.
    func figures(of queue: String) async throws -> Figures {
        let (queue, most) = (Value.string(queue), Value.integer(Self.maxCount))
        let arguments = [queue, queue, queue, queue, queue, most, queue, most, queue, queue]
        let rows = try await database.target.rows(SQLStatement(texts.counting.figures, arguments), atMost: 1)
        return try rows.onlyRow(as: Figures.self)
    }

    /// Returns the number of ready and delayed messages of each queue, by key.
    func lengths() async throws -> [ExactText: Int] {
        let rows = try await database.target.rows(SQLStatement(texts.counting.lengths), atMost: .max)
        let lengths = try rows.decoded(as: Length.self)
        return Dictionary(lengths.map { (ExactText($0.queue), $0.count) }, uniquingKeysWith: +)
    }

    /// Returns the keys of the queues that are paused.
    ///
    /// - Parameter transaction: the transaction that reads them; nil for the database itself.
    func paused(in transaction: (any SQLTransaction)? = nil) async throws -> Set<ExactText> {
        let rows = try await reader(transaction).rows(SQLStatement(texts.pauses.paused), atMost: .max)
        return Set(rows.compactMap { $0[0]?.string.map { ExactText($0) } })
    }

    private func reader(_ transaction: (any SQLTransaction)?) -> any SQLExecutor { transaction ?? database.target }

    /// Pauses a queue, or ends its pause.
    func pause(_ queue: String, _ isPaused: Bool, _ durability: CommitDurability) async throws {
        _ = try await change(texts.pauses.pause, [.string(queue), .integer(isPaused ? 1 : 0)], durability)
    }
}

extension SQLRows {
    /// Decodes the row of a statement that always has one.
    ///
    /// - Throws: `WippyError` of kind `Internal` when the database has returned no row.
    func onlyRow<Row: Decodable>(as type: Row.Type) throws -> Row {
        guard let row = try decoded(as: type).first else {
            throw WippyError(.internal, "the database has returned no row where there is always one", isRetryable: true)
        }
        return row
    }
}
