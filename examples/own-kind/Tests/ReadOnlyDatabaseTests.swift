import Testing
import Wippy
import WippyTesting

@testable import own_kind

@Suite("The read-only database")
struct ReadOnlyDatabaseTests {
    private static let project = """
        namespace: app
        entries:
          - {name: db, kind: db.sql.sqlite, file: ":memory:", lifecycle: {auto_start: true}}
          - {name: readings, kind: db.sql.readonly, database: db}
        """

    private static let changes: [SQL] = [
        "DELETE FROM t", "INSERT INTO t VALUES (2) RETURNING a", "WITH x AS (SELECT 2) INSERT INTO t SELECT * FROM x",
        "DROP TABLE t",
    ]

    @Test("It reads, and refuses every change, in whichever way the change is made")
    func refusesChanges() async throws {
        try await TestApplication(
            project: .definitions(Self.project), handlers: [], kinds: .standard + [ReadOnlyDatabaseKind()]
        ) { app in
            try await app.database("app:db").execute(script: "CREATE TABLE t (a); INSERT INTO t VALUES (1)")
            let database = try app.database("app:readings")
            #expect(try await database.query("WITH x AS (SELECT a FROM t) SELECT a FROM x", as: Int.self) == [1])
            for change in Self.changes {
                let calls: [() async throws -> Void] = [
                    { _ = try await database.rows(change) }, { _ = try await database.json(change) },
                    { _ = try await database.execute(change) }, { try await database.execute(script: change) },
                    { try await database.transaction { _ = try await $0.execute(change) } },
                ]
                for call in calls {
                    let error = await #expect(throws: WippyError.self) { try await call() }
                    #expect(error?.kind == .invalid)
                }
            }
            let all = try await database.transaction { try await $0.query("SELECT a FROM t", as: Int.self) }
            #expect(all == [1])
        }
    }
}
