import Wippy
import WippyCommand

/// What stands in the main file of a program with kinds and middleware of its own.
private func main() async {
    await Application.main(
        handlers: [CreateTask.self], kinds: .standard(middleware: [Stamp.self]) + [TickerKind()])
}

private struct Stamp: Middleware {
    static let name: ExactText = "stamp"

    init(_ options: NoConfig) {}
}

private struct CreateTask: HTTPHandler {
    init(_ context: HandlerContext) {}
    func handle(_ request: HTTPRequest) -> HTTPResponse { .text("created") }
}
