import Testing
import Wippy
import WippyRunningApplication
import WippyTestClient
import WippyTesting

/// What one request leaves behind in the database's connection for the next: nothing.
@Suite("Database settings", .timeLimit(.minutes(15)))
struct DatabaseSettingsTests {
    @Test("A request that fails half-way through a script leaves the options to the next request as they are declared")
    func optionsHold() async throws {
        let folder = try TemporaryFolder()
        let application = try RunningApplication(
            """
            namespace: app
            entries:
              - {name: server, kind: http.service, addr: "127.0.0.1:0", lifecycle: {auto_start: true}}
              - {name: api, kind: http.router, meta: {server: server}, prefix: /}
              - {name: db, kind: db.sql.sqlite, file: "\(folder.path)/a.db", foreign_keys: true}
              - {name: run, kind: function.swift, handler: RunScript, uses: {db: db}}
              - {name: run.post, kind: http.endpoint, meta: {router: api}, method: POST, path: /, func: run}
            """, [RunScript.self])
        func run(_ script: String) async throws -> (status: Int, body: String) {
            let answer = try await application.send("POST", "/", body: script)
            return (answer.status, answer.body)
        }
        let tables = "CREATE TABLE parent (id INTEGER PRIMARY KEY); CREATE TABLE child (parent REFERENCES parent);"
        #expect(try await run(tables).status == 200)
        for ending in [
            "nonsense", "BEGIN; INSERT INTO child VALUES (1); nonsense", "BEGIN", "PRAGMA synchronous = OFF",
        ] {
            #expect(try await run("PRAGMA foreign_keys = OFF; \(ending)").status == 409)
            let orphan = try await run("INSERT INTO child VALUES (1)")
            #expect(orphan.status == 409, "after: \(ending)")
            #expect(orphan.body.contains("FOREIGN KEY constraint failed"))
        }
        let refused = try await run("PRAGMA recursive_triggers = ON")
        #expect(refused.body.contains("database is opened; the field is 'options.recursive_triggers'"))
        let temporary = try await run("CREATE TEMP TABLE t (id)")
        #expect(temporary.body.contains("make them in a transaction"))
        #expect(try await run("BEGIN; CREATE TEMP TABLE t (id); INSERT INTO t VALUES (1); COMMIT").status == 200)
        #expect(try await run("SELECT * FROM t").body.contains("no such table"))
        try await application.stop()
    }
}

/// Runs a request's body as a script, and answers 409 with what the database says of it.
struct RunScript: HTTPHandler {
    private let database: Database

    init(_ context: HandlerContext) throws {
        database = try context.database("db")
    }

    func handle(_ request: HTTPRequest) async throws -> HTTPResponse {
        let script = String(decoding: try await request.body.collect(), as: UTF8.self)
        do {
            try await database.execute(script: SQL(trusting: script))
        } catch let error as WippyError {
            throw HTTPError(.conflict, error.message)
        }
        return .text("done")
    }
}
