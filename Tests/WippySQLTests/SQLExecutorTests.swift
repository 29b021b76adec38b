import Testing
import WippyValues

@testable import WippySQL

@Suite("What a database has that only runs statements")
struct SQLExecutorTests {
    /// A database that answers each query with the same rows.
    private struct FixedRows: SQLExecutor {
        let rows: SQLRows

        var parameterStyle: SQLParameterStyle { .question }

        func execute(_ statement: SQLStatement) -> SQLChanges { SQLChanges(rowsAffected: 0, lastInsertID: 0) }

        func execute(script: SQLStatement) {}

        func rows(_ statement: SQLStatement, atMost maxRows: Int) -> SQLRows { rows }
    }

    @Test("Of columns with one name the last one counts in JSON, even if it is NULL")
    func repeatedNames() async throws {
        let database = FixedRows(rows: SQLRows(columns: ["a", "b", "a"], cells: [1, 2, nil, nil, nil, 3]))
        let json = try await database.json("SELECT a, b, c AS a FROM t")
        #expect(String(decoding: json.bytes, as: UTF8.self) == #"[{"b":2},{"a":3}]"#)
        #expect(json.count == 2)
    }
}
