import Testing
import Wippy
import WippyTesting

@Suite("The room that the tables of queues need", .timeLimit(.minutes(1)))
struct QueueRoomTests {
    private static func project(pages: Int) -> String {
        """
        namespace: app
        entries:
          - name: db
            kind: db.sql.sqlite
            file: ":memory:"
            options: {max_page_count: \(pages)}
            lifecycle: {auto_start: true}
          - {name: driver, kind: queue.driver.sql, database: db, durability: normal, lifecycle: {auto_start: true}}
          - {name: tasks, kind: queue.queue, driver: driver}
        """
    }

    @Test("The least limit that the check accepts has room for the tables and a message")
    func leastLimit() async throws {
        try await TestApplication(project: .definitions(Self.project(pages: 16)), handlers: []) { app in
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
}
