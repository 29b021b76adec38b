import Wippy

/// `timing`: tells the client how long the route took.
struct Timing: Middleware {
    static let name: ExactText = "timing"

    private let clock: any RuntimeClock

    init(_ options: NoConfig, with context: MiddlewareContext) {
        clock = context.clock
    }

    func admit(_ request: inout HTTPRequest, keeping began: inout Duration?) async throws -> HTTPResponse? {
        began = clock.now
        return nil
    }

    func complete(_ response: inout HTTPResponse, to request: HTTPRequest, with began: Duration?) {
        guard let began else { return }
        let milliseconds = (clock.now - began) / .milliseconds(1)
        try? response.fields.set("Server-Timing", "route;dur=\(milliseconds)")
    }
}
