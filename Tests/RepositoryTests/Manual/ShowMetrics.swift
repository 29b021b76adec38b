import Wippy

/// `GET /metrics`: the figures of all entries, as Prometheus reads them.
struct ShowMetrics: HTTPHandler {
    private let metrics: Metrics

    init(_ context: HandlerContext) {
        metrics = context.metrics
    }

    func handle(_ request: HTTPRequest) async -> HTTPResponse {
        var lines = metrics.counts.map { line($0.key, $0.value) }
        for (key, timing) in metrics.timings {
            lines.append(line(key, timing.count, unit: "_seconds_count"))
            lines.append(line(key, timing.total / .seconds(1), unit: "_seconds_sum"))
        }
        lines += await metrics.gauges.map { line($0.key, $0.value) }
        return .text(lines.sorted().joined())
    }

    private func line(_ key: Metrics.Key, _ value: some CustomStringConvertible, unit: String = "") -> String {
        let entry = key.entry.map { "{entry=\"\($0)\"}" } ?? ""
        return "\(key.name.replacing(".", with: "_"))\(unit)\(entry) \(value)\n"
    }
}
