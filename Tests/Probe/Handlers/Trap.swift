import Glibc
import Wippy

/// Ends the process by a mistake, as no handler should: `how` says which, `where` in which task.
struct Trap: HTTPHandler {
    private let clock: any RuntimeClock

    init(_ context: HandlerContext) {
        clock = context.clock
    }

    func handle(_ request: HTTPRequest) async throws -> HTTPResponse {
        let how = request.query("how") ?? ""
        switch request.query("where") {
        case "child": await withDiscardingTaskGroup { $0.addTask { fail(how) } }
        case "detached": await Task.detached { fail(how) }.value
        case "task": await Task { fail(how) }.value
        case "later":
            try await clock.sleep(for: .milliseconds(20))
            fail(how)
        case "stream": return HTTPResponse(status: .ok, body: .stream(length: nil) { _ in fail(how) })
        default: fail(how)
        }
        return .text("no trap")
    }
}

private func fail(_ how: String) {
    switch how {
    case "abort": abort()
    case "access": unsafe UnsafeMutablePointer<Int>(bitPattern: 8)?.pointee = 1
    case "recursion": _ = depth(below: 1)
    default: _ = Array(how.utf8)[how.utf8.count]
    }
}

/// Never returns: the stack ends first.
private func depth(below level: Int) -> Int {
    level == 0 ? 0 : depth(below: level &+ 1) &+ depth(below: level &+ 2)
}
