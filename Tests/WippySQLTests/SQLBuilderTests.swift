import Testing
import WippyRuntime
import WippyValues

@testable import WippySQL

@Suite("Query builder")
struct SQLBuilderTests {
    struct Case: CustomTestStringConvertible, Sendable {
        let builder: any SQLBuilder
        let text: String
        let arguments: [Value]

        init(_ builder: any SQLBuilder, _ text: String, _ arguments: [Value] = []) {
            self.builder = builder
            self.text = text
            self.arguments = arguments
        }

        var testDescription: String { text }
    }

    static let tasks = SelectRows("id").from("tasks")

    @Test(
        "A query has its parts in SQL's order, whatever the order of the steps",
        arguments: [
            Case(SelectRows("id", "payload").from("tasks"), "SELECT id, payload FROM tasks"),
            Case(SelectRows("1"), "SELECT 1"),
            Case(SelectRows().columns("a").columns("b", "c").from("t x"), "SELECT a, b, c FROM t x"),
            Case(
                tasks.orderBy("created_at DESC").limit(100).where(.equal("status", "completed")),
                "SELECT id FROM tasks WHERE status = ? ORDER BY created_at DESC LIMIT 100", ["completed"]),
            Case(
                tasks.offset(5).limit(10).orderBy("a").orderBy("b", "c DESC"),
                "SELECT id FROM tasks ORDER BY a, b, c DESC LIMIT 10 OFFSET 5"),
            Case(tasks.limit(-1).offset(-7), "SELECT id FROM tasks LIMIT 0 OFFSET 0"),
            Case(tasks.limit(1).limit(2), "SELECT id FROM tasks LIMIT 2"),
            Case(
                tasks.where("a = \(1)").where("b = 2 OR c = 3"),
                "SELECT id FROM tasks WHERE a = ? AND b = 2 OR c = 3", [1]),
            Case(
                SelectRows("id", "x + \(2) AS y").from("t").where(.greater("z", 3)),
                "SELECT id, x + ? AS y FROM t WHERE z > ?", [2, 3]),
        ])
    func query(_ example: Case) throws {
        let statement = try example.builder.statement(.question)
        #expect(statement.text == example.text)
        #expect(statement.arguments == example.arguments)
    }

    @Test(
        "Joins, groups, changes and removals have their parts in SQL's order",
        arguments: [
            Case(
                tasks.distinct().suffix("FOR UPDATE").having("COUNT(*) > \(1)").groupBy("a", "b").orderBy("a")
                    .where(.equal("c", 2)).leftJoin("notes n ON n.id = \(3)").join("x USING (id)"),
                "SELECT DISTINCT id FROM tasks LEFT JOIN notes n ON n.id = ? JOIN x USING (id) WHERE c = ? "
                    + "GROUP BY a, b HAVING COUNT(*) > ? ORDER BY a FOR UPDATE", [3, 2, 1]),
            Case(SelectRows("1").from("a").innerJoin("b").rightJoin("c"), "SELECT 1 FROM a INNER JOIN b RIGHT JOIN c"),
            Case(
                InsertRows(into: "t").columns("a").select(tasks.where(.equal("b", 1))).options("OR IGNORE")
                    .prefix("WITH x AS (\(2))").suffix("RETURNING id"),
                "WITH x AS (?) INSERT OR IGNORE INTO t (a) SELECT id FROM tasks WHERE b = ? RETURNING id", [2, 1]),
            Case(
                InsertRows(into: "t").values("dropped").set([("b", .value(1)), ("a", .sql("x + \(2)"))]),
                "INSERT INTO t (a,b) VALUES (x + ?,?)", [2, 1]),
            Case(
                UpdateRows("t").where(.equal("id", 4)).set("b", 1).set("a", .sql("a + \(2)")).set([("d", .value(3))])
                    .from(tasks, as: "s").limit(5).suffix("RETURNING a"),
                "UPDATE t SET b = ?, a = a + ?, d = ? FROM (SELECT id FROM tasks) AS s WHERE id = ? LIMIT 5 RETURNING a",
                [1, 2, 3, 4]),
            Case(
                UpdateRows().table("t").set("a", .select(tasks)).set("b", .condition(.or(.equal("x", 1)))).from("u"),
                "UPDATE t SET a = (SELECT id FROM tasks), b = (x = ?) FROM u", [1]),
            Case(
                DeleteRows().from("t").where(.each([("b", 1), ("a", 2)], .less)).orderBy("c").limit(1).offset(2),
                "DELETE FROM t WHERE a < ? AND b < ? ORDER BY c LIMIT 1 OFFSET 2", [2, 1]),
            Case(DeleteRows(from: "t").where(.each([], .like)), "DELETE FROM t"),
        ])
    func change(_ example: Case) throws {
        let statement = try example.builder.statement(.question)
        #expect(statement.text == example.text)
        #expect(statement.arguments == example.arguments)
    }

    @Test(
        "Without a table or anything to write a statement is Invalid",
        arguments: [UpdateRows("t"), UpdateRows().set("a", 1), DeleteRows()] as [any SQLBuilder])
    func incomplete(_ builder: any SQLBuilder) {
        #expect { try builder.statement(.question) } throws: { ($0 as? WippyError)?.kind == .invalid }
    }

    @Test("Text that is trusted takes its arguments at its question marks")
    func trustedText() throws {
        let sql = SQL(trusting: "a ?? b = ? AND c = ?", [1, 2])
        let statement = try UpdateRows("t").set("x", .sql(sql)).statement(.dollar)
        #expect(statement.text == "UPDATE t SET x = a ?? b = $1 AND c = $2")
        #expect(statement.arguments == [1, 2])
        #expect(try SQL(trusting: "a = ?", []).statement(parameterStyle: .dollar).text == "a = ?")
        #expect(throws: WippyError.self) { try SQL(trusting: "a = ?", [1, 2]).statement(parameterStyle: .dollar) }
    }

    struct ConditionCase: CustomTestStringConvertible, Sendable {
        let condition: Condition
        let text: String
        let arguments: [Value]

        init(_ condition: Condition, _ text: String, _ arguments: [Value] = []) {
            self.condition = condition
            self.text = text
            self.arguments = arguments
        }

        var testDescription: String { text }
    }

    @Test(
        "Conditions have squirrel's text",
        arguments: [
            ConditionCase(.equal("a", 1), "a = ?", [1]),
            ConditionCase(.equal("a", nil), "a IS NULL"),
            ConditionCase(.equal("a", Value.null), "a IS NULL"),
            ConditionCase(.equal("a", [1, 2]), "a IN (?,?)", [1, 2]),
            ConditionCase(.equal("a", [1, 2, 3]), "a IN (?,?,?,?)", [1, 2, 3, 3]),
            ConditionCase(.notEqual("a", [5, 4, 3, 2, 1]), "a NOT IN (?,?,?,?,?,?,?,?)", [5, 4, 3, 2, 1, 1, 1, 1]),
            ConditionCase(.equal("a", [String]()), "(1=0)"),
            ConditionCase(.equal("a", [1, 2] as [UInt8]), "a = ?", [.bytes([1, 2])]),
            ConditionCase(.equal([("b", 2), ("a", 1), ("c", nil)]), "a = ? AND b = ? AND c IS NULL", [1, 2]),
            ConditionCase(.equal([]), "(1=1)"),
            ConditionCase(.notEqual("a", "x"), "a <> ?", ["x"]),
            ConditionCase(.notEqual("a", nil), "a IS NOT NULL"),
            ConditionCase(.notEqual("a", ["x"]), "a NOT IN (?)", ["x"]),
            ConditionCase(.notEqual("a", [Int]()), "(1=1)"),
            ConditionCase(.notEqual([]), "(1=1)"),
            ConditionCase(.less("a", 1), "a < ?", [1]),
            ConditionCase(.lessOrEqual("a", 1), "a <= ?", [1]),
            ConditionCase(.greater("a", 1.5), "a > ?", [1.5]),
            ConditionCase(.greaterOrEqual("a", true), "a >= ?", [true]),
            ConditionCase(.like("a", "x%"), "a LIKE ?", ["x%"]),
            ConditionCase(.notLike("a", "x%"), "a NOT LIKE ?", ["x%"]),
            ConditionCase(.and(.equal("a", 1), "b > \(2)"), "(a = ? AND b > ?)", [1, 2]),
            ConditionCase(.or(.equal("a", 1), .and(.less("b", 2), "c")), "(a = ? OR (b < ? AND c))", [1, 2]),
            ConditionCase(.and(), "(1=1)"),
            ConditionCase(.or([]), "(1=0)"),
        ])
    func condition(_ example: ConditionCase) throws {
        let statement = try SelectRows("*").from("t").where(example.condition).statement(.question)
        #expect(statement.text == "SELECT * FROM t WHERE \(example.text)")
        #expect(statement.arguments == example.arguments)
    }

    @Test(
        "An insertion has squirrel's text",
        arguments: [
            Case(InsertRows(into: "t").columns("a", "b").values(1, "x"), "INSERT INTO t (a,b) VALUES (?,?)", [1, "x"]),
            Case(
                InsertRows().into("t").columns("a").columns("b").values(1, nil).values(true, 0.5),
                "INSERT INTO t (a,b) VALUES (?,?),(?,?)", [1, nil, true, 0.5]),
            Case(InsertRows(into: "t").values(1), "INSERT INTO t VALUES (?)", [1]),
            Case(InsertRows(into: "t").values(row: [1, "x"]), "INSERT INTO t VALUES (?,?)", [1, "x"]),
        ])
    func insertion(_ example: Case) throws {
        let statement = try example.builder.statement(.question)
        #expect(statement.text == example.text)
        #expect(statement.arguments == example.arguments)
    }

    @Test(
        "PostgreSQL's parameters are numbered through the whole statement",
        arguments: [
            Case(
                SelectRows("a", "b + \(9)").from("t").where(.equal("c", [1, 2])).where("d = \(3)"),
                "SELECT a, b + $1 FROM t WHERE c IN ($2,$3) AND d = $4", [9, 1, 2, 3]),
            Case(
                InsertRows(into: "t").columns("a", "b").values(1, 2).values(3, 4),
                "INSERT INTO t (a,b) VALUES ($1,$2),($3,$4)", [1, 2, 3, 4]),
        ])
    func dollars(_ example: Case) throws {
        let statement = try example.builder.statement(.dollar)
        #expect(statement.text == example.text)
        #expect(statement.arguments == example.arguments)
    }

    @Test(
        "What cannot be a statement is refused with what is missing",
        arguments: [
            Case(SelectRows().from("t"), "the query selects no columns: name at least one"),
            Case(InsertRows().values(1), "the insertion has no table: name one with 'into'"),
            Case(InsertRows(into: "t").columns("a"), "the insertion has no values: add at least one row"),
            Case(InsertRows(into: "t").values(), "the insertion has no values: add at least one row"),
            Case(
                InsertRows(into: "t").columns("a", "b").values(1, 2).values(3),
                "row 2 of the insertion has 1 values for 2 columns"),
            Case(
                InsertRows(into: "t").values(1, 2).values(1, 2, 3), "row 2 of the insertion has 3 values for 2 columns"),
            Case(tasks.where(.less("a", nil)), "a comparison with '<' takes a value, not null"),
            Case(tasks.where(.like("a", ["x"])), "a comparison with 'LIKE' takes a value, not a list"),
            Case(
                tasks.orderBy("\(name: "a; DROP TABLE tasks")"),
                "a table's or column's name must be ASCII letters, digits and '_', joined by dots"),
        ])
    func refusal(_ example: Case) throws {
        let error = try #require(throws: WippyError.self) { try example.builder.statement(.question) }
        #expect(error.kind == .invalid)
        #expect(error.message == example.text)
    }

    @Test("Lists that a database takes are not filled to more than it takes")
    func longLists() throws {
        func parameters(_ counts: Int...) throws -> Int {
            let conditions = counts.map { Condition.equal("a", Array(repeating: 7, count: $0)) }
            return try SelectRows("a").from("t").where(.and(conditions)).statement(.question).arguments.count
        }
        #expect(try parameters(9000) == 16_384)
        #expect(try parameters(9000, 9000) == 18_000)
        #expect(try parameters(20_000) == 20_000)
    }

    @Test("A builder is a value: what was built before can be used again")
    func values() throws {
        let base = SelectRows("id").from("t")
        let first = base.where(.equal("a", 1))
        let second = base.where(.equal("b", 2))
        #expect(try base.statement(.question).text == "SELECT id FROM t")
        #expect(try first.statement(.question).text == "SELECT id FROM t WHERE a = ?")
        #expect(try second.statement(.question).text == "SELECT id FROM t WHERE b = ?")
    }
}
