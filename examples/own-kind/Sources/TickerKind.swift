import Wippy

/// `clock.ticker`: calls a function at a fixed interval.
struct TickerKind: EntryKind {
    static let name: KindName = "clock.ticker"
    static let summary = "Calls a function at a fixed interval."
    static let role: ServiceRole? = .process

    struct Config: EntryConfig {
        let function: Reference<any Function>
        let interval: Duration

        init(from fields: inout FieldReader) {
            function = fields.reference("func", .function, "The function that is called.")
            interval = fields.optional(
                "interval", default: .seconds(1), in: .milliseconds(1) ... .seconds(86_400), "The time between calls.")
        }
    }

    func build(_ entry: Entry<Config>, with context: BuildContext) throws -> Built<Never> {
        .service(
            Ticker(
                function: try context.resolve(entry.config.function), interval: entry.config.interval,
                clock: context.environment.clock))
    }
}

private struct Ticker: ManagedService {
    let function: Link<any Function>
    let interval: Duration
    let clock: any RuntimeClock

    func run(ready: @escaping @Sendable () -> Void, stop: StopSignal) async throws {
        ready()
        while !stop.isFired {
            try await clock.sleep(for: interval)
            _ = try await function.target.call(.null)
        }
    }
}
