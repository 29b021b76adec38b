import Wippy

/// `POST /notes`: has a typed body, a typed call and a typed message.
struct AddNote: HTTPHandler {
    /// The body of a request.
    ///
    /// For any other body, the answer is 400 and names the field.
    struct Body: Decodable {
        var text: String
        var author: String?
    }

    private let measure: LinkedFunction
    private let notes: Queue

    init(_ context: HandlerContext) throws {
        measure = try context.function("measure")
        notes = try context.queue("notes")
    }

    func handle(_ request: HTTPRequest) async throws -> HTTPResponse {
        let body = try await request.json(as: Body.self)
        guard !body.text.isEmpty else { throw HTTPError(.badRequest, "'text' must not be empty") }
        let size = try await measure.call(encoding: body.text, returning: Measure.Size.self)
        let note = Note(id: "\(UniqueID.v4())", text: body.text, words: size.words, author: body.author)
        try await notes.publish(encoding: note)
        return try .json(encoding: note, status: .accepted)
    }
}
