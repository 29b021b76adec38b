import Foundation
import Testing
import Wippy
import WippyRunningApplication
import WippyTestClient
import WippyTesting

/// A database when the project is read again with other fields of it.
@Suite("A reloaded database", .timeLimit(.minutes(15)))
struct ReloadedDatabaseTests {
    private static func index(_ fields: String, _ more: String = "") -> String {
        """
        version: "1.0"
        namespace: app
        entries:
          - {name: server, kind: http.service, addr: "127.0.0.1:0", lifecycle: {auto_start: true}}
          - {name: api, kind: http.router, meta: {server: server}, prefix: /}
          - {name: db, kind: db.sql.sqlite, \(fields)}
          - {name: run, kind: function.swift, handler: RunScript, uses: {db: db}}
          - {name: run.post, kind: http.endpoint, meta: {router: api}, method: POST, path: /, func: run}
        \(more)

        """
    }

    private static let tables =
        "CREATE TABLE parent (id INTEGER PRIMARY KEY); CREATE TABLE child (p REFERENCES parent);"

    /// Whether a foreign key that leads nowhere is taken.
    private func takesOrphans(_ application: RunningApplication) async throws -> Bool {
        let script = "BEGIN; INSERT INTO child VALUES (1); DELETE FROM child; COMMIT"
        return try await application.send("POST", "/", body: script).status == 200
    }

    @Test("Everything but the file is taken in place: no service ends, and what is written stays")
    func inPlace() async throws {
        let folder = try TemporaryFolder()
        let file = "file: '\(folder.file("a.db"))'"
        let application = try RunningApplication(Self.index(file), [RunScript.self])
        #expect(try await application.send("POST", "/", body: Self.tables).status == 200)
        #expect(try await takesOrphans(application))
        let fields = "\(file), foreign_keys: true, busy_timeout: 1s, pool: {readers: 1}, options: {synchronous: FULL}"
        let reload = try await application.change(Self.index(fields))
        guard case .changed(let change) = reload else { throw RunningApplication.NotApplied(reload: reload) }
        #expect(change.outcome == .applied && change.ended.isEmpty)
        try await eventually("it is in force") { try await !takesOrphans(application) }
        #expect(application.messages.filter { $0 == "the database is open with its new settings" }.count == 1)
        try await application.stop()
    }

    @Test("A plan that is taken back leaves the database with the settings that it had")
    func takenBack() async throws {
        let folder = try TemporaryFolder()
        let file = "file: '\(folder.file("a.db"))'"
        let application = try RunningApplication(Self.index(file), [RunScript.self])
        #expect(try await application.send("POST", "/", body: Self.tables).status == 200)
        let port = try #require(application.port)
        let more = "  - {name: second, kind: http.service, addr: \"127.0.0.1:\(port)\", lifecycle: {auto_start: true}}"
        let reload = try await application.change(Self.index("\(file), foreign_keys: true", more))
        guard case .changed(let change) = reload, case .takenBack = change.outcome else {
            throw RunningApplication.NotApplied(reload: reload)
        }
        try await eventually("it is as it was") { try await takesOrphans(application) }
        try await application.stop()
    }

    @Test("If the file cannot be opened anew, the reload is refused with the reason, and the plan in force stays")
    func notOpened() async throws {
        let folder = try TemporaryFolder()
        let file = "file: '\(folder.file("a.db"))'"
        let application = try RunningApplication(Self.index(file), [RunScript.self])
        #expect(try await application.send("POST", "/", body: "SELECT 1").status == 200)
        #expect(rename(folder.file("a.db"), folder.file("b.db")) == 0)
        // The check reads only the header of a file.
        var damaged = try [UInt8](Data(contentsOf: URL(filePath: folder.file("b.db"))))
        damaged.replaceSubrange(100..., with: repeatElement(0xaa, count: damaged.count - 100))
        try folder.write(damaged, to: "a.db")
        let reload = try await application.change(Self.index("\(file), foreign_keys: true"))
        guard case .changed(let change) = reload, case .refused(let reason) = change.outcome else {
            throw RunningApplication.NotApplied(reload: reload)
        }
        #expect(reason.hasPrefix("app:db: cannot open the database"), "\(reason)")
        // 'registry show' gives the plan of this version.
        #expect(change.version == 1 && application.application.registry.current.number == 1)
        try await application.stop()
    }

    @Test("A database that a script has found once is the entry's new one after a reload")
    func keptByScript() async throws {
        let folder = try TemporaryFolder()
        let script = """
              - name: count
                kind: function.lua
                modules: [sql]
                method: count
                source: |
                  local db = sql.get("app:db")
                  local function count() return db:query("SELECT count(*) AS n FROM sqlite_schema")[1].n end
                  return {count = count}
              - {name: count.get, kind: http.endpoint, meta: {router: api}, method: GET, path: /count, func: answer}
              - {name: answer, kind: function.swift, handler: AnswerCount, uses: {count: count}}
            """
        let first = Self.index("file: '\(folder.file("a.db"))'", script)
        let application = try RunningApplication(first, [AnswerCount.self, RunScript.self])
        #expect(try await application.send("POST", "/", body: Self.tables).status == 200)
        #expect(try await application.get("/count").body == "2")
        try await application.reload(Self.index("file: '\(folder.file("b.db"))'", script))
        #expect(try await application.get("/count").body == "0")
        try await application.stop()
    }

    @Test("A database in memory keeps what it holds; a warning names the fields that wait")
    func inMemory() async throws {
        let application = try RunningApplication(Self.index("file: ':memory:'"), [RunScript.self])
        #expect(try await application.send("POST", "/", body: Self.tables).status == 200)
        try await application.reload(
            Self.index("file: ':memory:', foreign_keys: true, busy_timeout: 1s, options: {cache_size: 100}"))
        #expect(try await takesOrphans(application))
        let warning = application.log.records.first { $0.message.contains("take effect at the next start") }
        let metadata = try #require(warning.map { "\($0.metadata)" })
        #expect(metadata.contains("busy_timeout, options.foreign_keys, options.cache_size"))
        try await application.stop()
    }
}

/// Answers with the result of a function.
private struct AnswerCount: HTTPHandler {
    private let count: LinkedFunction

    init(_ context: HandlerContext) throws {
        count = try context.function("count")
    }

    func handle(_ request: HTTPRequest) async throws -> HTTPResponse {
        .text("\(try await count.call(.null).integer ?? -1)")
    }
}
