import Wippy

/// Answers after `ms` milliseconds without reading the body, and counts what became of it: begun, finished, cancelled.
///
/// With `stubborn` a cancellation is counted and otherwise ignored.
struct Wait: HTTPHandler {
    private let clock: any RuntimeClock

    init(_ context: HandlerContext) {
        clock = context.clock
    }

    func handle(_ request: HTTPRequest) async throws -> HTTPResponse {
        let end = clock.now + .milliseconds(request.number("ms"))
        request.count("begun")
        do {
            try await clock.sleep(until: end)
        } catch {
            request.count("cancelled")
            guard request.query("stubborn") != nil else { throw error }
            // A task of its own does not hear of the cancellation.
            try await Task { [clock] in try await clock.sleep(until: end) }.value
        }
        request.count("finished")
        return .text(request.query("name") ?? "waited")
    }
}
