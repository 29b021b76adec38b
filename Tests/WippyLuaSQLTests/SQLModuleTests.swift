import Testing
import Wippy
import WippyTesting

/// `sql` in an application with a database.
@Suite("Databases in Lua")
struct SQLModuleTests {
    /// What a script returns whose state knows the database `app:db`.
    private static func run(_ text: String) async throws -> Value {
        let project = """
            namespace: app
            entries:
              - {name: db, kind: db.sql.sqlite, file: ":memory:", lifecycle: {auto_start: true}}
              - {name: sql, kind: queue.driver.sql, database: db, lifecycle: {auto_start: true}}
              - {name: jobs, kind: queue.queue, driver: sql}
              - {name: other, kind: queue.queue, driver: memory}
              - {name: memory, kind: queue.driver.memory, lifecycle: {auto_start: true}}
              - name: publisher
                kind: function.lua
                method: main
                modules: [queue]
                source: |
                  return {main = function()
                    local _, err = queue.publish("app:jobs", {id = 1})
                    return err and err:message() or "published"
                  end}
              - name: script
                kind: function.lua
                method: main
                modules: [sql, json, queue, funcs]
                source: |
                  local function main()
                    local db = sql.get("app:db")
                      \(text.replacing("\n", with: "\n          "))
                  end
                  return {main = main}
            """
        var answer: Value?
        try await TestApplication(project: .definitions(project), handlers: []) { app in
            answer = try await app.function("app:script").call(.null)
        }
        return try #require(answer)
    }

    @Test("Rows are tables: 64-bit integers exact, NULL absent, blobs binary, nothing an empty list")
    func rows() async throws {
        let value = try await Self.run(
            """
            db:execute("CREATE TABLE t (id INTEGER PRIMARY KEY, f REAL, s TEXT, b BLOB, done BOOLEAN, n TEXT)")
            local changes = db:execute("INSERT INTO t (id, f, s, b, done) VALUES (?, ?, ?, ?, ?)",
                {9007199254740993, 1.0, "text", sql.as.binary("\\0\\255"), true})
            local row = db:query("SELECT *, NULL AS s FROM t")[1]
            local none = db:query("SELECT * FROM t WHERE id = ?", {1})
            return {changes.rows_affected, changes.last_insert_id, row.id, math.type(row.f), row.s == nil,
                row.b == "\\0\\255", row.done, row.n == nil, json.encode(none), db:type()}
            """)
        #expect(
            value == [
                1, 9_007_199_254_740_993, 9_007_199_254_740_993, "float", true, true, true, true, "[]", "sqlite",
            ])
    }

    @Test("Arguments are a table: holes are NULL, and wrong ones are returned as errors")
    func arguments() async throws {
        let value = try await Self.run(
            """
            local row = db:query("SELECT ? IS NULL AS a, ? AS b, ? AS c, ? IS NULL AS d",
                {[2] = "x", [3] = sql.as.int("7.9"), [4] = sql.NULL})[1]
            local _, bare = db:query("SELECT ?", 5)
            local _, few = db:query("SELECT ?", {})
            local _, syntax = db:query("SELEC")
            db:execute("CREATE TABLE u (id INTEGER PRIMARY KEY)")
            db:execute("INSERT INTO u VALUES (1)")
            local _, twice = db:execute("INSERT INTO u VALUES (1)")
            return {row.a, row.b, row.c, row.d, bare:kind() .. ": " .. bare:message(), few:kind(), syntax:kind(),
                twice:kind(), tostring(twice)}
            """)
        #expect(value[0] == 1 && value[1] == "x" && value[3] == 1)
        #expect(value[4] == "Invalid: parameters must be a table, got number")
        #expect(value[5] == "Invalid" && value[6] == "Invalid" && value[7] == "AlreadyExists")
        #expect(value[8]?.string?.contains("UNIQUE constraint failed: u.id") == true)
    }

    @Test("An id that names no database is an error that is returned")
    func unknownDatabases() async throws {
        let value = try await Self.run(
            """
            local _, empty = sql.get("")
            local _, unknown = sql.get("app:nowhere")
            return {empty:kind(), unknown:kind(), pcall(sql.get) == false}
            """)
        #expect(value == ["Invalid", "NotFound", true])
    }

    @Test("A transaction keeps or drops its changes; its savepoints too; after its end it refuses everything")
    func transactions() async throws {
        let value = try await Self.run(
            """
            db:execute("CREATE TABLE t (id INTEGER)")
            local tx = db:begin({isolation = sql.isolation.SERIALIZABLE})
            tx:execute("INSERT INTO t VALUES (1)")
            tx:savepoint("part")
            tx:execute("INSERT INTO t VALUES (2)")
            tx:rollback_to("part")
            tx:release("part")
            local statement = tx:prepare("INSERT INTO t VALUES (?)")
            statement:execute({3})
            local ok = tx:commit()
            local _, ended = tx:query("SELECT 1")
            local _, again = tx:rollback()
            local _, stale = statement:execute({4})
            local dropped = db:begin()
            dropped:execute("DELETE FROM t")
            dropped:rollback()
            local reader = db:begin({read_only = true})
            local _, refused = reader:execute("DELETE FROM t")
            reader:rollback()
            local _, level = db:begin({isolation = "some"})
            local ids = {}
            for _, row in ipairs(db:query("SELECT id FROM t ORDER BY id")) do ids[#ids + 1] = row.id end
            return {ok, table.concat(ids, ","), ended:message(), again:kind(), stale:kind(), refused:kind(), level:kind()}
            """)
        #expect(value == [true, "1,3", "transaction is not active", "Invalid", "Invalid", "Invalid", "Invalid"])
    }

    @Test("An option of a transaction that is misspelt or has a wrong value is an error that says so")
    func transactionOptions() async throws {
        let value = try await Self.run(
            """
            local out = {}
            for i, options in ipairs({{isolation = "serialisable"}, {isolation = 1}, {read_only = 1}, {readonly = true},
                "read_only", {isolation = sql.isolation.DEFAULT, read_only = false, name = "mine"}}) do
                local tx, err = db:begin(options)
                out[i] = err and err:kind() .. ": " .. err:message() or tx:rollback()
            end
            return out
            """)
        let isolations = "default, read_uncommitted, read_committed, write_committed, repeatable_read, serializable"
        #expect(
            value == [
                .string(
                    "Invalid: 'isolation' must be one of \(isolations), got 'serialisable'; did you mean 'serializable'?"
                ),
                .string("Invalid: 'isolation' must be one of \(isolations), got 1"),
                "Invalid: 'read_only' must be true or false, got 1",
                "Invalid: unknown field 'readonly'; did you mean 'read_only'?",
                "Invalid: options must be a table, got string", true,
            ])
    }

    @Test("A prepared statement runs until it is closed, and is wrong at once")
    func statements() async throws {
        let value = try await Self.run(
            """
            local statement = db:prepare("SELECT ? + 1 AS n")
            local first, second = statement:query({1})[1].n, statement:query({2})[1].n
            local closed = statement:close()
            local _, used = statement:query({1})
            local _, twice = statement:close()
            local _, wrong = db:prepare("SELECT FROM")
            return {first, second, closed, used:message(), twice:kind(), wrong:kind()}
            """)
        #expect(value == [2, 3, true, "statement is closed", "Invalid", "Invalid"])
    }

    @Test("A transaction that a call leaves open is rolled back")
    func forgottenTransactions() async throws {
        let value = try await Self.run(
            """
            if db:query("SELECT name FROM sqlite_schema WHERE name = 't'")[1] then return "kept" end
            local tx = db:begin()
            tx:execute("CREATE TABLE t (id INTEGER)")
            coroutine.spawn(function() db:begin() end)
            return "left"
            """)
        #expect(value == "left")
    }

    @Test("A transaction publishes with its changes, to a queue in its own database")
    func publishing() async throws {
        let value = try await Self.run(
            """
            local tx = db:begin()
            local ok, err = tx:publish("app:jobs", {id = 1}, {kind = "a"})
            local _, other = tx:publish("app:other", {id = 1})
            local _, empty = tx:publish("app:jobs", {})
            tx:commit()
            local count = db:query("SELECT count(*) AS n FROM wippy_queue_messages")[1].n
            return {ok or err:message(), other:kind(), empty:message(), count}
            """)
        #expect(value == [true, "Invalid", "message data cannot be empty", 1])
    }

    @Test("A script that publishes beside its transaction is refused at once, and told what to use")
    func publishingBeside() async throws {
        let value = try await Self.run(
            """
            local tx = db:begin()
            local _, err = queue.publish("app:jobs", {id = 1})
            local called = funcs.call("app:publisher")
            local other = queue.publish("app:other", {id = 1})
            tx:commit()
            return {err:kind(), err:message(), called == err:message(), other, queue.publish("app:jobs", {id = 2})}
            """)
        let advice =
            "the task holds a transaction on the database of the queue 'app:jobs', and the message would wait for its "
            + "end: use 'transaction:publish'"
        #expect(value == ["Invalid", .string(advice), true, true, true])
    }

    @Test("Another coroutine of the script can publish: its message waits for the end of the transaction")
    func publishingInAnotherCoroutine() async throws {
        let value = try await Self.run(
            """
            local tx = db:begin()
            local published = channel.new(1)
            coroutine.spawn(function() published:send(queue.publish("app:jobs", {id = 1})) end)
            tx:query("SELECT 1")
            tx:commit()
            return published:receive()
            """)
        #expect(value == true)
    }

    @Test(
        "A statement that a builder makes",
        arguments: [
            (
                "b.select('a', 'b'):from('t'):where({a = 1, b = sql.NULL}):to_sql()",
                "SELECT a, b FROM t WHERE a = ? AND b IS NULL | 1"
            ),
            ("b.select('*'):from('t'):where({a = {1, 2, 3}}):to_sql()", "SELECT * FROM t WHERE a IN (?,?,?) | 1 2 3"),
            ("b.select('*'):from('t'):where({}):to_sql()", "SELECT * FROM t WHERE (1=1) | "),
            ("b.select('*'):from('t'):where(b.and_({b.lt({}), b.or_({b.gt({})})})):to_sql()", "SELECT * FROM t | "),
            ("b.or_({b.eq({a = 1}), b.expr('b < ?', 2)}):to_sql()", "(a = ? OR b < ?) | 1 2"),
            ("tostring(b.not_like({a = 'x%'})), {}", "a NOT LIKE ? | "),
            (
                "b.select('*'):from('t'):where(b.or_({b.eq({a = 1}), b.gt({c = 2}), {d = 3}})):to_sql()",
                "SELECT * FROM t WHERE (a = ? OR c > ? OR d = ?) | 1 2 3"
            ),
            (
                "b.select('*'):from('t'):where(b.expr('a BETWEEN ? AND ?', 1, 2)):where('c LIKE ?', '%x'):to_sql()",
                "SELECT * FROM t WHERE a BETWEEN ? AND ? AND c LIKE ? | 1 2 %x"
            ),
            (
                "b.select('a'):distinct():from('t'):left_join('u ON u.id = ?', 1):group_by('a'):having('n > ?', 2):order_by('a DESC', 'b'):limit(3):offset(-4):suffix('FOR UPDATE'):to_sql()",
                "SELECT DISTINCT a FROM t LEFT JOIN u ON u.id = ? GROUP BY a HAVING n > ? ORDER BY a DESC, b LIMIT 3 OFFSET 0 FOR UPDATE | 1 2"
            ),
            (
                "b.insert('t'):columns('a', 'b'):values(1, 'x'):values(nil, sql.as.text(2)):to_sql()",
                "INSERT INTO t (a,b) VALUES (?,?),(?,?) | 1 x NULL 2"
            ),
            (
                "b.insert():into('t'):set_map({z = 1, a = b.expr('now()')}):options('OR IGNORE'):suffix('RETURNING z'):to_sql()",
                "INSERT OR IGNORE INTO t (a,z) VALUES (now(),?) RETURNING z | 1"
            ),
            (
                "b.insert('t'):columns('a'):select(b.select('x'):from('u'):where('y = ?', 5)):to_sql()",
                "INSERT INTO t (a) SELECT x FROM u WHERE y = ? | 5"
            ),
            (
                "b.update('t'):set('n', b.expr('n + ?', 1)):set('s', 'x'):where({id = 3}):to_sql()",
                "UPDATE t SET n = n + ?, s = ? WHERE id = ? | 1 x 3"
            ),
            (
                "b.update('t'):set_map({b = 2, a = 1}):from_select(b.select('x'):from('u'), 's'):to_sql()",
                "UPDATE t SET a = ?, b = ? FROM (SELECT x FROM u) AS s | 1 2"
            ),
            (
                "b.delete('t'):where(b.and_({b.not_eq({a = sql.NULL}), b.like({c = 'x%'})})):placeholder_format(b.dollar):to_sql()",
                "DELETE FROM t WHERE (a IS NOT NULL AND c LIKE $1) | x%"
            ),
            (
                "b.delete('t'):where('a = ?? AND b = ? AND c = ?', 1, 2):placeholder_format(b.at):to_sql()",
                "DELETE FROM t WHERE a = ? AND b = @p1 AND c = @p2 | 1 2"
            ),
        ])
    func builders(expression: String, result: String) async throws {
        let value = try await Self.run(
            """
            local b = sql.builder
            local text, arguments = \(expression)
            if not text then return tostring(arguments) end
            local words = {}
            for i, argument in ipairs(arguments) do words[i] = argument == sql.NULL and "NULL" or tostring(argument) end
            return text .. " | " .. table.concat(words, " ")
            """)
        #expect(value == .string(result))
    }

    @Test("A builder runs with a database or a transaction, and stays as it was")
    func running() async throws {
        let value = try await Self.run(
            """
            local b = sql.builder
            db:execute("CREATE TABLE t (id INTEGER PRIMARY KEY, s TEXT)")
            local insert = b.insert("t"):columns("s")
            local changes = insert:values("a"):values("b"):run_with(db):exec()
            local tx = db:begin()
            local returned = insert:values("c"):suffix("RETURNING id"):run_with(tx):query()
            tx:commit()
            local base = b.select("s"):from("t")
            local one = base:where({s = "b"}):run_with(db):query()
            local all = base:order_by("s"):run_with(db):query()
            local _, none = b.select():run_with(db)
            local _, table_missing = b.update():set("a", 1):to_sql()
            return {changes.rows_affected, returned[1].id, #one, #all, none:kind(), table_missing:kind(), tostring(base),
                pcall(b.select, 5), pcall(b.eq) == false, (select(2, insert:to_sql())):kind()}
            """)
        #expect(
            value == [2, 3, 1, 3, "Invalid", "Invalid", "SELECT s FROM t", true, true, "Invalid"]
                || value[0] == 2 && value[1] == 3 && value[2] == 1 && value[3] == 3 && value[6] == "SELECT s FROM t")
    }
}
