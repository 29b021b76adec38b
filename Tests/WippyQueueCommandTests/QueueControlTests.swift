import Testing
import WippyCommandLine
import WippyDefinition
import WippyRuntime
import WippyValues

@testable import WippyQueueCommand

@Suite("The control of queues")
struct QueueControlTests {
    /// A queue that knows only how many messages it has.
    private struct CountedQueue: MessageQueue {
        let count = MessageCount(ready: 2, delayed: 0, claimed: 1)

        func publish(_ message: Message) {}
        func subscribe(prefetch: Int) -> any MessageSubscription { NoMessages() }
        func drain(until deadline: Duration) -> Int { 0 }
    }

    private struct NoMessages: MessageSubscription {
        func next() -> Delivery? { nil }
        func settle(_ delivery: Delivery, _ settlement: Settlement) {}
        func close() {}
    }

    @Test("A figure that a queue does not know is null")
    func unknownFigures() async throws {
        let control = QueueControl { [EntryID(namespace: "app", name: "tasks"): CountedQueue()] }
        var rows: [Value] = []
        try await control.answer(ControlRequest("queue", "list")) { rows.append($0) }
        #expect(rows.count == 1 && rows[0]["ready"] == 2 && rows[0]["claimed"] == 1)
        for figure in ["dead", "oldest_age", "published_rate"] { #expect(rows[0][figure] == .null) }
    }
}
