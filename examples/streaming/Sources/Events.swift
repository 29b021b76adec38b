import Wippy

/// `GET /events`: sends an event at each interval, until the client has gone, or until `?count=` events were sent.
struct Events: HTTPHandler {
    struct Config: EntryConfig {
        let interval: Duration

        init(from fields: inout FieldReader) {
            interval = fields.required("interval", "The time from one event to the next.")
        }
    }

    private let clock: any RuntimeClock
    private let interval: Duration

    init(_ context: HandlerContext) throws {
        clock = context.clock
        interval = try context.config(Config.self).interval
    }

    func handle(_ request: HTTPRequest) async throws -> HTTPResponse {
        let count = request.query("count").flatMap { Int($0) } ?? .max
        // When a browser has lost the connection, it sends the id of the last event that it has seen.
        let seen = request.fields["Last-Event-ID"].flatMap { Int($0) } ?? 0
        var response = HTTPResponse(
            status: .ok,
            body: .stream(length: nil) { [clock, interval] writer in
                // The head is sent at once, so that the client knows that it is connected.
                try await writer.flush()
                var id = seen
                while id - seen < count {
                    try await clock.sleep(for: interval)
                    id += 1
                    try await writer.write("id: \(id)\nevent: tick\ndata: {\"number\":\(id)}\n\n")
                }
            })
        try response.fields.set(.contentType, "text/event-stream")
        try response.fields.set(.cacheControl, "no-store")
        return response
    }
}
