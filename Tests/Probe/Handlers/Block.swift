import Glibc
import Wippy

/// Holds its event loop up for `ms` milliseconds, as no handler should, and answers.
struct Block: HTTPHandler {
    init(_ context: HandlerContext) {}

    func handle(_ request: HTTPRequest) async throws -> HTTPResponse {
        usleep(UInt32(request.number("ms")) * 1000)
        return .text("blocked")
    }
}
