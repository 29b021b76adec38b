import Wippy

/// `GET /notes`: reads rows as values of a type, and answers with them.
struct ListNotes: HTTPHandler {
    private let database: Database

    init(_ context: HandlerContext) throws {
        database = try context.database("db")
    }

    func handle(_ request: HTTPRequest) async throws -> HTTPResponse {
        let least = request.query("words").flatMap { Int($0) } ?? 0
        let notes = try await database.query(
            "SELECT id, text, words, author FROM notes WHERE words >= \(least) ORDER BY rowid", as: Note.self)
        return try .json(encoding: notes)
    }
}
