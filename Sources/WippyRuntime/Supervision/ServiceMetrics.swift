/// The metrics that the supervisor counts of each service, whatever its kind.
enum ServiceMetrics {
    static let restarts = Metric<Counter>(
        "service.restarts", of: "a service", unit: "restarts", "Restarts after a failure.")

    static let all = [restarts.description]
}
