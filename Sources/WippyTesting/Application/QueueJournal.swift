import Synchronization
import WippyDefinition
import WippyMessaging
import WippyRuntime

/// Records the messages that the queues of an application under test accept.
final class QueueJournal: Sendable {
    private struct State {
        var accepted: [EntryID: [Message]] = [:]
        var acceptedCount = 0
        var drains = 0
    }

    private let state = Mutex(State())

    /// The number of messages that all queues have accepted.
    var acceptedCount: Int { state.withLock { $0.acceptedCount } }

    /// True if a task waits for a queue to be drained.
    var hasDrains: Bool { state.withLock { $0.drains > 0 } }

    /// Returns the messages that a queue has accepted, oldest first.
    func accepted(by queue: EntryID) -> [Message] { state.withLock { $0.accepted[queue] ?? [] } }

    /// Records a message that a queue has accepted.
    func note(_ message: Message, acceptedBy queue: EntryID) {
        state.withLock { state in
            state.accepted[queue, default: []].append(message)
            state.acceptedCount += 1
        }
    }

    /// Runs `body`, which waits for a drain.
    ///
    /// The drain counts in ``hasDrains`` until `body` returns.
    func noteDrain<Result>(_ body: () async -> Result) async -> Result {
        state.withLock { $0.drains += 1 }
        defer { state.withLock { $0.drains -= 1 } }
        return await body()
    }

    /// The part of a program whose queues this journal records.
    var part: any ProgramPart {
        OfferWrapper(.queue) { [self] in JournaledQueue(wrapped: $0, id: $1.id, journal: self) }
    }
}

/// A queue that a journal records.
private struct JournaledQueue: WrappingQueue {
    let wrapped: any MessageQueue
    let id: EntryID
    let journal: QueueJournal

    func didAccept(_ message: Message) { journal.note(message, acceptedBy: id) }

    func drain(until deadline: Duration) async -> Int {
        await journal.noteDrain { await wrapped.drain(until: deadline) }
    }
}
