import WippyRuntime

/// The metrics of a server.
enum ServerMetrics {
    static let connections = Metric<Counter>(
        "http.connections", of: "a server", unit: "connections", "Accepted connections.")
    static let requests = Metric<Counter>("http.requests", of: "a server", unit: "answers", "Answers.")
    static let errors = Metric<Counter>(
        "http.errors", of: "a server", unit: "answers", "Answers with a status from 500 on.")
    static let unavailable = Metric<Counter>(
        "http.unavailable", of: "a server", unit: "answers",
        "Answers with the status 503 because of an error of the kind `Unavailable` that is temporary.")
    static let duration = Metric<MetricTimer>(
        "http.duration", of: "a server",
        "From the head of a request until the server has the whole answer; after a time-out, until the handler "
            + "returns.")

    static let all = [
        connections.description, requests.description, errors.description, unavailable.description,
        duration.description,
    ]
}
