import Wippy

/// Makes a text loud, for whoever calls: the program around the application, or another handler.
struct Shout: FunctionHandler {
    init(_ context: HandlerContext) {}

    func call(_ text: String) -> String { text.uppercased() + "!" }
}

/// `GET /shout/{text}`: the same for clients.
struct ShoutPage: HTTPHandler {
    private let shout: RemoteFunction
    private let log: Log

    init(_ context: HandlerContext) throws {
        shout = try context.function("shout")
        log = context.log
    }

    func handle(_ request: HTTPRequest) async throws -> HTTPResponse {
        let text = request.parameter("text") ?? ""
        log.info("somebody shouts", ["length": LogValue(text.count)])
        return .text(try await shout.call(encoding: text, returning: String.self))
    }
}
