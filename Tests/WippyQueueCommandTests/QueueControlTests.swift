import Synchronization
import Testing
import WippyCommandLine
import WippyDefinition
import WippyMessaging
import WippyRuntime
import WippyTesting
import WippyValues

@testable import WippyQueueCommand

@Suite("The control of queues")
struct QueueControlTests {
    /// A queue that knows only how many messages it has.
    private struct CountedQueue: MessageQueue {
        let count = MessageCount(ready: 2, delayed: 0, claimed: 1)

        func publish(_ message: Message) -> Bool { true }
        func subscribe(prefetch: Int) -> any MessageSubscription { NoMessages() }
        func drain(until deadline: Duration) -> Int { 0 }
    }

    /// A queue that lets messages be tried again, in steps of at most a thousand.
    private final class FullQueue: AdministeredQueue {
        private let left = Mutex(2500)

        var count: MessageCount { left.withLock { MessageCount(ready: 0, delayed: $0, claimed: 0) } }

        func publish(_ message: Message) -> Bool { true }
        func subscribe(prefetch: Int) -> any MessageSubscription { NoMessages() }
        func drain(until deadline: Duration) -> Int { 0 }
        func peek(atMost most: Int) -> [QueuedMessage] { [] }
        func purge() -> Int { 0 }
        func pause() {}
        func resume() {}

        func retry(atMost most: Int) -> Int {
            #expect(most <= 1000)
            return left.withLock { left in
                defer { left -= min(left, most) }
                return min(left, most)
            }
        }
    }

    /// A queue that answers when it is told to, whatever is cancelled.
    private struct HangingQueue: MessageQueue {
        let isAsked = OneShotEvent()
        let answers = OneShotEvent()

        var count: MessageCount {
            get async {
                isAsked.fire()
                await uncancelled { await answers.wait() }
                return MessageCount(ready: 0, delayed: 0, claimed: 0)
            }
        }

        func publish(_ message: Message) -> Bool { true }
        func subscribe(prefetch: Int) -> any MessageSubscription { NoMessages() }
        func drain(until deadline: Duration) -> Int { 0 }
    }

    private struct NoMessages: MessageSubscription {
        func next() -> Delivery? { nil }
        func settle(_ delivery: Delivery, _ settlement: Settlement) -> Bool { false }
        func close() {}
    }

    @Test(
        "'retry' lets all messages be tried again, or as many as it is told",
        arguments: [(nil, 2500), (1, 1), (900, 900)])
    func retries(limit: Int?, expected: Int) async throws {
        let queue = FullQueue()
        let control = QueueControl { [EntryID(namespace: "app", name: "tasks"): queue] }
        var arguments: ValueMap = ["queue": "app:tasks"]
        arguments["limit"] = limit.map { .integer($0) }
        let request = ControlRequest(QueueControl.self, action: "retry", arguments: arguments)
        #expect(try await control.values(answering: request) == [["count": .integer(expected)]])
    }

    @Test("A queue that does not answer has a row that says so, and holds up no other queue")
    func hanging() async throws {
        let (clock, hanging) = (TestClock(), HangingQueue())
        defer { hanging.answers.fire() }
        let queues: [EntryID: any MessageQueue] = [
            EntryID(namespace: "app", name: "a"): hanging, EntryID(namespace: "app", name: "b"): CountedQueue(),
        ]
        let control = QueueControl(clock: clock) { queues }
        let listing = Task { try await control.values(answering: ControlRequest(QueueControl.self, action: "list")) }
        try await eventually("only one queue has not answered") {
            hanging.isAsked.isFired && clock.deadlines.count == 1
        }
        let ticking = Task {
            while !Task.isCancelled {
                clock.advance(by: .seconds(1))
                try await Task.sleep(for: .milliseconds(1))
            }
        }
        defer { ticking.cancel() }
        let rows = try await listing.value
        #expect(rows.map { $0["queue"] } == ["app:a", "app:b"])
        #expect(rows.first?["error"] == "its driver did not answer within 10s")
        #expect(rows.last?["ready"] == 2)
    }

    @Test("A figure that a queue does not know is null")
    func unknownFigures() async throws {
        let control = QueueControl { [EntryID(namespace: "app", name: "tasks"): CountedQueue()] }
        let rows = try await control.values(answering: ControlRequest(QueueControl.self, action: "list"))
        #expect(rows.count == 1 && rows[0]["ready"] == 2 && rows[0]["claimed"] == 1)
        for figure in ["dead", "oldest_age", "published_rate"] { #expect(rows[0][figure] == .null) }
    }
}
