import Testing
import WippyDefinition
import WippyRuntime
import WippyTesting
import WippyText

@Suite("Metrics")
struct MetricsTests {
    private final class Tank: Sendable {
        let level: Double

        init(level: Double) {
            self.level = level
        }
    }

    private static let level = Metric<Gauge>("tank.level", of: "a tank", unit: "metres", "How full it is.")

    private final class Token: Sendable {}

    @Test("What is measured of an object is there as long as the object, and then nothing is kept of it")
    func measurements() async {
        let metrics = Metrics()
        let kept = Tank(level: 7)
        metrics.measure(kept, of: EntryID(namespace: "app", name: "kept")) { [Self.level: $0.level] }
        let held = measureGone(in: metrics)
        #expect(held.count == 100)
        let gauges = await metrics.gauges
        #expect(gauges.count == 1 && gauges.first?.value == 7 && gauges.first?.key.entry?.name == "kept")
        let left = held.filter { $0.token != nil }.count
        #expect(left < 50, "\(left) measurements of 100 are kept whose objects are gone")
        withExtendedLifetime(kept) {}
    }

    @Test("If the object that was registered last does not stay, the one before it is measured again")
    func refused() async {
        let metrics = Metrics()
        let entry = EntryID(namespace: "app", name: "tank")
        let running = Tank(level: 7)
        metrics.measure(running, of: entry) { [Self.level: $0.level] }
        metrics.measure(Tank(level: 1), of: entry) { [Self.level: $0.level] }
        #expect(await metrics.gauges.values.map(\.self) == [7])
        let next = Tank(level: 8)
        metrics.measure(next, of: entry) { [Self.level: $0.level] }
        #expect(await metrics.gauges.values.map(\.self) == [8])
        withExtendedLifetime((running, next)) {}
    }

    @Test("A figure has the name, type, unit and meaning of its metric, and two metrics of one name share a figure")
    func described() throws {
        let metrics = Metrics()
        let entry = EntryID(namespace: "app", name: "tank")
        let filled = Metric<Counter>("tank.filled", of: "a tank", unit: "litres", "What came in.")
        let again = Metric<Counter>("tank.filled", of: "a tank", unit: "gallons", "What came in.")
        metrics.counter(filled, of: entry).add(3)
        metrics.counter(again, of: entry).add(4)
        let time = Metric<MetricTimer>("tank.time", of: "a tank", "How long it took.")
        metrics.timer(time, of: entry).record(.seconds(2))
        #expect(metrics.counts.map(\.value) == [7] && metrics.timings.map(\.value.total) == [.seconds(2)])
        let counted = try #require(metrics.counts.keys.first)
        #expect(counted.name == "tank.filled" && counted.metric == filled.description && counted.entry == entry)
        #expect(counted.metric.type == .counter && counted.metric.unit == "litres")
        let timed = try #require(metrics.timings.keys.first)
        #expect(timed.metric.type == .timer && timed.metric.unit == "seconds" && Self.level.description.type == .gauge)
    }

    @Test("An entry that does not answer is left out, and is not asked again as long as it does not")
    func hanging() async throws {
        let clock = TestClock()
        let metrics = Metrics(clock: clock)
        let (hanging, kept) = (EntryID(namespace: "app", name: "hanging"), EntryID(namespace: "app", name: "kept"))
        let (tank, asked, answers) = (Tank(level: 7), Counter(), OneShotEvent())
        metrics.measure(tank, of: kept) { [Self.level: $0.level] }
        metrics.measure(tank, of: hanging) { tank in
            asked.add()
            // It ignores its cancellation.
            await uncancelled { await answers.wait() }
            return [Self.level: tank.level]
        }
        func missing() -> Int { metrics.counter(Metrics.missingGauges, of: hanging).value }
        let reading = Task { await metrics.gauges.keys.map(\.entry) }
        try await eventually("only one entry has not answered") { asked.value == 1 && clock.deadlines.count == 1 }
        let ticking = Task {
            while !Task.isCancelled {
                clock.advance(by: .seconds(1))
                try await Task.sleep(for: .milliseconds(1))
            }
        }
        #expect(await reading.value == [kept])
        ticking.cancel()
        #expect(missing() == 1)
        #expect(await metrics.gauges.keys.map(\.entry) == [kept])
        #expect(asked.value == 1 && missing() == 2)
        answers.fire()
        try await eventually("it is measured again") { await metrics.gauges.count == 2 }
        withExtendedLifetime(tank) {}
    }

    private struct Held {
        weak let token: Token?
    }

    /// Has 100 objects measured, none of which is there any more, by closures that hold a token each.
    private func measureGone(in metrics: Metrics) -> [Held] {
        (0..<100).map { number in
            let token = Token()
            metrics.measure(Tank(level: 1), of: EntryID(namespace: "app", name: "gone-\(number)")) { tank in
                withExtendedLifetime(token) { [Self.level: tank.level] }
            }
            return Held(token: token)
        }
    }
}
