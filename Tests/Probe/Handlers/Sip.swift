import Wippy

/// Reads the body piece by piece, waits `ms` milliseconds after each, and answers with the number of bytes.
///
/// Counts what became of it: begun, finished, failed.
struct Sip: HTTPHandler {
    private let clock: any RuntimeClock

    init(_ context: HandlerContext) {
        clock = context.clock
    }

    func handle(_ request: HTTPRequest) async throws -> HTTPResponse {
        request.count("begun")
        var count = 0
        do {
            for try await piece in request.body {
                count += piece.count
                try await clock.sleep(for: .milliseconds(request.number("ms")))
            }
        } catch {
            request.count("failed")
            throw error
        }
        request.count("finished")
        return .text("\(count)")
    }
}
