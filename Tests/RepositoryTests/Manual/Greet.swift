import Wippy

struct Greet: HTTPHandler {
    struct Config: EntryConfig {
        let greeting: String

        init(from fields: inout FieldReader) {
            greeting = fields.required("greeting", "The greeting.")
        }
    }

    private let database: Database
    private let greeting: String

    init(_ context: HandlerContext) throws {
        database = try context.database("db")
        greeting = try context.config(Config.self).greeting
    }

    func handle(_ request: HTTPRequest) async throws -> HTTPResponse {
        guard let name = request.query("name") else { throw HTTPError(.badRequest, "name required") }
        return try .json(["text": .string("\(greeting), \(name)")])
    }
}
