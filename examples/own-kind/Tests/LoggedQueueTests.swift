import Testing
import Wippy
import WippyTesting

@testable import own_kind

@Suite("The queues of the program")
struct LoggedQueueTests {
    private static let project = TestProject.definitions(
        """
        namespace: app
        entries:
          - {name: driver, kind: queue.driver.memory}
          - {name: ticks, kind: queue.queue, driver: driver}
        """)

    @Test("Two wrappers see each message, and the log has the queue's id")
    func messages() async throws {
        let counter = Counter()
        let kinds =
            .standard + [
                OfferWrapper(.queue) { LoggedQueue(wrapped: $0, log: $1.log) },
                OfferWrapper(.queue) { queue, _ in CountedQueue(wrapped: queue, counter: counter) },
            ]
        try await TestApplication(project: Self.project, handlers: [], kinds: kinds) { application in
            try await application.queue("app:ticks").publish("tick")
            #expect(application.log.messages.contains("a message was accepted"))
            #expect(counter.value == 1)
        }
    }
}

private struct CountedQueue: WrappingQueue {
    let wrapped: any MessageQueue
    let counter: Counter

    func didAccept(_ message: Message) { counter.add() }
}
