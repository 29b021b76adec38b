import WippyApplication

/// The protocol of swift-metrics for a backend.
///
/// If you use that package, use its own protocol of this name.
protocol MetricsFactory {
    func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler
    func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler
}

protocol CounterHandler {
    func increment(by amount: Int64)
}

protocol TimerHandler {
    func recordNanoseconds(_ duration: Int64)
}

extension Metrics {
    /// Passes the counts and times to a backend.
    ///
    /// Of each timer, it passes the mean.
    func report(to factory: some MetricsFactory) {
        for (key, count) in counts.sorted(by: { $0.key < $1.key }) {
            factory.makeCounter(label: key.name, dimensions: key.dimensions).increment(by: Int64(count))
        }
        for (key, timing) in timings.sorted(by: { $0.key < $1.key }) where timing.count > 0 {
            let mean = timing.total / timing.count
            factory.makeTimer(label: key.name, dimensions: key.dimensions)
                .recordNanoseconds(Int64(mean / .nanoseconds(1)))
        }
    }
}

extension Metrics.Key {
    fileprivate var dimensions: [(String, String)] { entry.map { [("entry", "\($0)")] } ?? [] }
}

/// Prints each count and each time.
struct PrintingMetricsFactory: MetricsFactory {
    private struct Printer: CounterHandler, TimerHandler {
        let label: String

        func increment(by amount: Int64) { print("\(label) \(amount)") }
        func recordNanoseconds(_ duration: Int64) { print("\(label) \(duration) ns") }
    }

    func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        Printer(label: Self.name(label, dimensions))
    }

    func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        Printer(label: Self.name(label, dimensions))
    }

    private static func name(_ label: String, _ dimensions: [(String, String)]) -> String {
        label + dimensions.map { "{\($0.0)=\($0.1)}" }.joined()
    }
}
