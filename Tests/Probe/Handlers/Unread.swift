import Glibc
import Wippy

/// Writes to a pipe that nobody reads, in a task that inherits nothing, and answers with the error's number.
struct Unread: HTTPHandler {
    init(_ context: HandlerContext) {}

    func handle(_ request: HTTPRequest) async throws -> HTTPResponse {
        let number = await Task.detached {
            var ends: [Int32] = [-1, -1]
            guard unsafe pipe(&ends) == 0 else { return errno }
            close(ends[0])
            defer { close(ends[1]) }
            return unsafe write(ends[1], "x", 1) < 0 ? errno : 0
        }.value
        return .text("\(number)")
    }
}
