import Glibc
import Wippy

/// Holds its event loop up for `ms` milliseconds, as no handler should, and answers.
///
/// With `between` it does so between two waits.
struct Block: HTTPHandler {
    private let clock: any RuntimeClock

    init(_ context: HandlerContext) {
        clock = context.clock
    }

    func handle(_ request: HTTPRequest) async throws -> HTTPResponse {
        let waits = request.query("between") != nil
        if waits { try await clock.sleep(for: .milliseconds(5)) }
        usleep(UInt32(request.number("ms")) * 1000)
        if waits { try await clock.sleep(for: .milliseconds(5)) }
        return .text("blocked")
    }
}
