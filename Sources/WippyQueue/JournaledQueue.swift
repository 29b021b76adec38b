import WippyDefinition
package import WippyRuntime

/// A queue of which a journal is kept.
package struct JournaledQueue: MessageQueue {
    /// The queue itself.
    package let queue: any MessageQueue
    let id: EntryID
    let journal: QueueJournal

    package func publish(_ message: Message) async throws {
        try await queue.publish(message)
        note(message)
    }

    /// Notes a message that the queue has accepted.
    package func note(_ message: Message) { journal.note(message, acceptedBy: id) }

    package func subscribe(prefetch: Int) async throws -> any MessageSubscription {
        try await queue.subscribe(prefetch: prefetch)
    }

    package func drain(until deadline: Duration) async -> Int {
        await journal.noteDrain { await queue.drain(until: deadline) }
    }

    package var count: MessageCount { get async throws { try await queue.count } }

    package var movable: (any MovableQueue)? { queue.movable }
}
