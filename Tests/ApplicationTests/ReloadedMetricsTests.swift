import Testing
import Wippy
import WippyRunningApplication
import WippyTesting

/// The figures of entries when the project is read again.
@Suite("Metrics of a reloaded application", .timeLimit(.minutes(15)))
struct ReloadedMetricsTests {
    private struct Hear: MessageHandler {
        init(_ context: HandlerContext) {}
        func handle(_ body: Value, _ delivery: Delivery) {}
    }

    private static func index(_ consumer: String) -> String {
        """
        version: "1.0"
        namespace: app
        entries:
          - {name: driver, kind: queue.driver.memory, lifecycle: {auto_start: true}}
          - {name: words, kind: queue.queue, driver: driver}
          - {name: hear, kind: function.swift, handler: Hear}
          - {name: \(consumer), kind: queue.consumer, queue: words, func: hear, lifecycle: {auto_start: true}}

        """
    }

    @Test("Counters and timers of an entry that is gone are forgotten, and those of others go on")
    func forgotten() async throws {
        let application = try RunningApplication(Self.index("first"), [Hear.self])
        try await eventually("it runs") { application.application.registry.current.number == 1 }
        let metrics = application.application.metrics
        let visits = Metric<Counter>("visits", of: "an application", unit: "visits", "Visits.")
        let seen = Metric<Counter>("queue.seen", of: "a queue", unit: "messages", "Messages that were seen.")
        metrics.counter(visits).add()
        let words = metrics.counter(seen, of: EntryID(namespace: "app", name: "words"))
        words.add()
        for name in ["second", "third"] {
            try await application.reload(Self.index(name))
            let keys = Set(metrics.counts.keys).union(metrics.timings.keys)
            #expect(Set(keys.compactMap(\.entry?.name).filter { $0 != "words" }) == [name])
            #expect(keys.contains { $0.entry?.name == name && $0.name == "messages.duration" })
            #expect(metrics.counter(visits).value == 1)
            #expect(metrics.counter(seen, of: EntryID(namespace: "app", name: "words")) === words)
        }
        try await application.stop()
    }
}
