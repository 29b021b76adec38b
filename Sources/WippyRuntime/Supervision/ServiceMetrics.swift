/// The metrics of the runtime itself, whatever the kind of an entry.
enum ServiceMetrics {
    static let restarts = Metric<Counter>(
        "service.restarts", of: "a service", unit: "restarts", "Restarts after a failure.")

    static let all = [restarts.description, Metrics.missingGauges.description]
}
