import WippyDefinition
import WippyRuntime

/// A queue of which a journal is kept.
struct JournaledQueue: MessageQueue {
    let queue: any MessageQueue
    let id: EntryID
    let journal: QueueJournal

    func publish(_ message: Message) async throws {
        try await queue.publish(message)
        journal.note(message, acceptedBy: id)
    }

    func subscribe(prefetch: Int) async throws -> any MessageSubscription {
        try await queue.subscribe(prefetch: prefetch)
    }

    func drain(until deadline: Duration) async -> Int { await journal.noteDrain { await queue.drain(until: deadline) } }

    var count: MessageCount { get async throws { try await queue.count } }
}
