import Testing
import Wippy
import WippyTesting

@Suite("The room that the tables of queues need", .timeLimit(.minutes(15)))
struct QueueRoomTests {
    private static func project(pages: Int, file: String = ":memory:") -> String {
        """
        namespace: app
        entries:
          - name: db
            kind: db.sql.sqlite
            file: "\(file)"
            options: {max_page_count: \(pages)}
            lifecycle: {auto_start: true}
          - {name: driver, kind: queue.driver.sql, database: db, durability: normal, lifecycle: {auto_start: true}}
          - {name: tasks, kind: queue.queue, driver: driver}
        """
    }

    @Test(
        "The least limit that the check accepts has room for the tables and a message",
        arguments: [":memory:", "q.db"])
    func leastLimit(file: String) async throws {
        let project = Self.project(pages: 16, file: file)
        try await TestApplication(project: .definitions(project), handlers: []) { app in
            try await app.queue("app:tasks").publish("first")
        }
    }

    @Test("A smaller limit is refused before the start")
    func smallerLimit() throws {
        let folder = try TemporaryFolder()
        try folder.write(Self.project(pages: 15), to: "src/_index.yaml")
        let report = Application(project: folder.path, handlers: []).check().report
        #expect(
            report.diagnostics.filter { $0.severity == .error }.map(\.message) == [
                "'options.max_page_count' is 15, but the tables of the queues in this database need 16 pages"
            ])
    }

    @Test("A file with content is not asked for room")
    func fileWithContent() throws {
        let folder = try TemporaryFolder()
        try folder.write("content", to: "q.db")
        try folder.write(Self.project(pages: 15, file: "\(folder.path)/q.db"), to: "src/_index.yaml")
        let report = Application(project: folder.path, handlers: []).check().report
        #expect(report.diagnostics.allSatisfy { !$0.message.contains("max_page_count") })
    }

    /// A database of another family, whose limit has another name and another unit.
    private struct OtherDatabaseKind: EntryKind {
        static let name: KindName = "other.database"
        static let summary = "A database."

        struct Config: EntryConfig, QueueDatabaseConfig {
            let most: Int
            var numberedKey: SQL { "OWN NUMBERED KEY" }
            var lastingKey: SQL { "OWN LASTING KEY" }

            func lackOfRoom(for script: SQL) -> LackOfRoom? {
                let text = (try? script.statement(parameterStyle: .dollar).text) ?? ""
                let tables = text.matches(of: /CREATE TABLE/).count
                let keys = text.matches(of: /OWN (NUMBERED|LASTING) KEY/).count
                guard most < tables else { return nil }
                return LackOfRoom(field: "most", limit: "\(most)", need: "\(tables) tables with \(keys) keys")
            }

            init(from fields: inout FieldReader) { most = fields.optional("most", default: 100, "The most tables.") }
        }

        private struct NeverBuilt: Error {}

        func offers(_ entry: Entry<Config>) -> [Offer<any QueueDatabase>] { [Offer(.queueDatabase) { $0 }] }

        func build(_ entry: Entry<Config>, with context: BuildContext) throws -> Built<any QueueDatabase> {
            throw NeverBuilt()
        }
    }

    @Test("Any database that has a limit is asked with its own keys, and only if it keeps queues")
    func otherDatabase() throws {
        let folder = try TemporaryFolder()
        try folder.write(
            """
            namespace: app
            entries:
              - {name: small, kind: other.database, most: 3}
              - {name: unused, kind: other.database, most: 3}
              - {name: large, kind: other.database}
              - {name: one, kind: queue.driver.sql, database: small}
              - {name: two, kind: queue.driver.sql, database: small}
              - {name: three, kind: queue.driver.sql, database: large}
            """, to: "src/_index.yaml")
        let report = Application(project: folder.path, handlers: [], kinds: .standard + [OtherDatabaseKind()]).check()
            .report
        #expect(
            report.diagnostics.filter { $0.severity == .error }.map(\.description) == [
                "src/_index.yaml:3:47: error: app:small: 'most' is 3, but the tables of the queues in this database need "
                    + "5 tables with 2 keys"
            ])
    }
}
