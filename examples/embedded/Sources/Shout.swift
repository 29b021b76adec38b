import HTTPServing
import WippyApplication
import WippyHTTP

/// Makes a text loud.
///
/// The program around the application calls it, and other handlers can.
struct Shout: FunctionHandler {
    init(_ context: HandlerContext) {}

    func call(_ text: String) -> String { text.uppercased() + "!" }
}

/// `GET /shout/{text}`: makes a text loud for clients.
struct ShoutPage: HTTPHandler {
    private let shout: LinkedFunction
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
