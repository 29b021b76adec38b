import Synchronization
package import WippyDefinition

/// What happens to the queues of an application, for a test that asks for it.
package final class QueueJournal: Sendable {
    private struct State {
        var accepted: [EntryID: [Message]] = [:]
        var acceptedCount = 0
        var drains = 0
    }

    private let state = Mutex(State())

    /// A journal of nothing yet.
    package init() {}

    /// How many messages all queues have accepted.
    package var acceptedCount: Int { state.withLock { $0.acceptedCount } }

    /// Whether somebody waits for a queue to be drained.
    package var hasDrains: Bool { state.withLock { $0.drains > 0 } }

    /// The messages that a queue has accepted, oldest first.
    package func accepted(by queue: EntryID) -> [Message] { state.withLock { $0.accepted[queue] ?? [] } }

    /// Notes that a queue has accepted a message.
    package func note(_ message: Message, acceptedBy queue: EntryID) {
        state.withLock { state in
            state.accepted[queue, default: []].append(message)
            state.acceptedCount += 1
        }
    }

    /// Notes that a drain is waited for while `body` runs.
    package func noteDrain<Result>(_ body: () async -> Result) async -> Result {
        state.withLock { $0.drains += 1 }
        defer { state.withLock { $0.drains -= 1 } }
        return await body()
    }
}
