import Wippy

/// `GET /hello/{name}`: greets the person with the name in the path.
struct Greet: HTTPHandler {
    struct Config: EntryConfig {
        let greeting: String

        init(from fields: inout FieldReader) {
            greeting = fields.optional("greeting", default: "Hello", "The greeting.")
        }
    }

    private let greeting: String

    init(_ context: HandlerContext) throws {
        greeting = try context.config(Config.self).greeting
    }

    func handle(_ request: HTTPRequest) async throws -> HTTPResponse {
        let name = request.parameter("name") ?? "world"
        return try .json(["text": .string("\(greeting), \(name)")])
    }
}
