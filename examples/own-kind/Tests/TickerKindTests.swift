import Testing
import Wippy
import WippyTesting

@testable import own_kind

@Suite("The kind of tickers")
struct TickerKindTests {
    @Test("It keeps the rules of a kind")
    func contract() async throws {
        let entry = EntryID(namespace: "app", name: "ticker")
        let handlers = HandlerTable([Tick.self])
        let untested = try await KindConformance(TickerKind(), entry: entry, handlers: handlers) { _ in
            """
            namespace: app
            entries:
              - {name: driver, kind: queue.driver.memory}
              - {name: ticks, kind: queue.queue, driver: driver}
              - {name: tick, kind: function.swift, handler: Tick, uses: {ticks: ticks}}
              - {name: other_tick, kind: function.swift, handler: Tick, uses: {ticks: ticks}}
              - {name: ticker, kind: clock.ticker, func: tick}
            """
        }.check()
        #expect(untested == [])
    }
}
