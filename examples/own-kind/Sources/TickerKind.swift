import Wippy

/// `clock.ticker`: calls a function at a fixed interval.
struct TickerKind: EntryKind {
    static let name: KindName = "clock.ticker"
    static let summary = "Calls a function at a fixed interval."
    static let role: ServiceRole? = .process
    static let metrics = [calls.description]

    private static let calls = Metric<Counter>(
        "ticker.calls", of: "a ticker", unit: "calls", "Calls of the function that were successful.")

    struct Config: EntryConfig {
        let function: Reference<any Function>
        let interval: Duration

        init(from fields: inout FieldReader) {
            function = fields.reference("func", .function, "The function that is called.")
            interval = fields.inPlace {
                $0.optional(
                    "interval", default: .seconds(1), in: .milliseconds(1) ... .seconds(86_400),
                    "The time between calls.")
            }
        }
    }

    func build(_ entry: Entry<Config>, with context: BuildContext) throws -> Built<Never> {
        .service(
            Ticker(
                function: try context.resolve(entry.config.function), interval: Link(entry.config.interval),
                clock: context.environment.clock, calls: context.environment.metrics.counter(Self.calls, of: entry.id)))
    }
}

private struct Ticker: ManagedService {
    let function: Link<any Function>
    let interval: Link<Duration>
    let clock: any RuntimeClock
    let calls: Counter

    func run(ready: @escaping @Sendable () -> Void, stop: StopSignal) async throws {
        ready()
        while true {
            await stop.wait(until: clock.now + interval.target, by: clock)
            guard !stop.isFired, !Task.isCancelled else { return }
            _ = try await function.target.call(.null)
            calls.add()
        }
    }
}

extension TickerKind {
    /// Changes the interval in place.
    ///
    /// It applies from the next call on.
    func update(
        _ built: Built<Never>, from old: Entry<Config>, to entry: Entry<Config>, with context: BuildContext
    ) throws -> Update? {
        guard let ticker = built.service as? Ticker else { return nil }
        return Update(from: old.config.interval, to: entry.config.interval) { ticker.interval.replace(with: $0) }
    }
}
