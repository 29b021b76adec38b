import Wippy

/// `session`: lets a request pass if a store has its session.
struct Session: Middleware {
    static let name: ExactText = "session"

    struct Options: EntryConfig {
        let store: Reference<any KeyValueStore>

        init(from fields: inout FieldReader) {
            store = fields.reference("session.store", .store, "The store that has the sessions.")
        }
    }

    private let sessions: Link<any KeyValueStore>
    private let log: Log

    init(_ options: Options, with context: MiddlewareContext) throws {
        sessions = try context.resolve(options.store)
        log = context.log
    }

    func admit(_ request: inout HTTPRequest) async throws -> HTTPResponse? {
        let id = request.fields["X-Session"] ?? ""
        if try await sessions.target.value(of: id) != nil { return nil }
        log.debug("a session is unknown", ["request_id": "\(request.id)"])
        throw HTTPError(.unauthorized, "log in first")
    }
}
