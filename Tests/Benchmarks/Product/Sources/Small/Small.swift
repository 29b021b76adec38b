import Wippy
import WippyCommand

/// `GET /small`: a small JSON answer, made anew for each request.
struct Small: HTTPHandler {
    init(_ context: HandlerContext) {}

    func handle(_ request: HTTPRequest) async throws -> HTTPResponse {
        .json(["count": 42, "status": "ready"])
    }
}

@main
struct Main {
    static func main() async {
        await Application.main(handlers: [Small.self])
    }
}
