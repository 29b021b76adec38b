import Foundation
import SQLiteGroups
import Testing
import Wippy
import WippyTesting

/// A database whose tables of queues have a version that this program does not know.
@Suite("Tables of queues that a later program has made", .timeLimit(.minutes(15)))
struct LaterTablesTests {
    private static let sentence =
        "the tables of the queues have the version 99, but this program knows version 2: use the program that made "
        + "them, or a later one"

    /// Makes the tables of a later version, and calls a function while the database is open.
    private static func makeTables(at path: String, whileOpen check: () throws -> Void = {}) async throws {
        let database = try await SQLiteDatabase.open(SQLiteSettings(path: path))
        _ = try await database.execute("CREATE TABLE wippy_queue_schema (version BIGINT NOT NULL)")
        _ = try await database.execute("INSERT INTO wippy_queue_schema VALUES (99)")
        try check()
        await database.close()
    }

    private static func application(in folder: TemporaryFolder, file: String) throws -> Application {
        try folder.write(
            """
            namespace: app
            entries:
              - {name: db, kind: db.sql.sqlite, file: '\(folder.file(file))', lifecycle: {auto_start: true}}
              - name: driver
                kind: queue.driver.sql
                database: db
                lifecycle: {auto_start: true}
            """, to: "src/_index.yaml")
        return Application(project: folder.path, handlers: [])
    }

    @Test("The check finds them as the run does, and creates and changes nothing", arguments: ["a.db", "50% #1?.db"])
    func areFound(file: String) async throws {
        let folder = try TemporaryFolder()
        try await Self.makeTables(at: folder.file(file))
        let application = try Self.application(in: folder, file: file)
        let before = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
        let diagnostics = application.check().report.diagnostics
        #expect(diagnostics.map(\.message) == ["'database' names 'app:db': \(Self.sentence)"])
        #expect(diagnostics.map(\.location.line) == [6] && diagnostics.map(\.severity) == [.error])
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == before)
    }

    @Test("Tables that only the write-ahead log has are found at the start, and the check waits for nothing")
    func onlyInLog() async throws {
        let folder = try TemporaryFolder()
        let application = try Self.application(in: folder, file: "a.db")
        try await Self.makeTables(at: folder.file("a.db")) {
            let before = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
            #expect(application.check().report.isValid)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == before)
        }
        #expect(!application.check().report.isValid)
    }

    @Test("A file without such tables, and a missing one, are no errors")
    func noTables() async throws {
        let folder = try TemporaryFolder()
        let application = try Self.application(in: folder, file: "a.db")
        #expect(application.check().report.diagnostics.isEmpty)
        let database = try await SQLiteDatabase.open(SQLiteSettings(path: folder.file("a.db")))
        _ = try await database.execute("CREATE TABLE a (b)")
        await database.close()
        #expect(application.check().report.diagnostics.isEmpty)
    }
}
