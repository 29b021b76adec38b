import FoundationEssentials
import SQLiteGroups
import Testing
import WippyDefinition
import WippyLog
import WippySQL
import WippyTesting
import WippyText

@testable import WippyRuntime
@testable import WippySQLite

@Suite("db.sql.sqlite")
struct SQLiteKindTests {
    typealias Pairs = KeyValuePairs<String, Node.Content>

    @Test("Only the file is required; the rest has its defaults")
    func defaults() throws {
        let (config, problems) = read(["file": text("./data/tasks.db")])
        #expect(problems.isEmpty)
        #expect(config.database == SQLiteSettings(path: "./data/tasks.db"))
        #expect(config.database.readers == 4)
        #expect(config.database.busyTimeout == .seconds(5))
        #expect(config.database.synchronous == .normal)
        #expect(!config.database.enforcesForeignKeys)
    }

    @Test("Every field has its effect")
    func fields() throws {
        let (config, problems) = read([
            "file": text("a.db"), "busy_timeout": text("250ms"), "pool": map(["readers": text("0")]),
            "options": map([
                "synchronous": text("full"), "foreign_keys": text("ON"), "cache_size": text("-4000"),
                "temp_store": text("memory"),
            ]),
        ])
        #expect(problems.isEmpty)
        var expected = SQLiteSettings(path: "a.db")
        expected.readers = 0
        expected.busyTimeout = .milliseconds(250)
        expected.synchronous = .full
        expected.enforcesForeignKeys = true
        expected.pragmas = [
            try #require(SQLitePragma(name: "cache_size", value: "-4000")),
            try #require(SQLitePragma(name: "temp_store", value: "memory")),
        ]
        #expect(config.database == expected)
    }

    @Test("A path at which no file can be is an error of the project, before anything starts")
    func obstacles() throws {
        let folder = try TemporaryFolder()
        try folder.write("", to: "file")
        let long = String(repeating: "a", count: 300)
        let paths = [
            folder.path, folder.file("file/a.db"), folder.file(long), folder.file("file"), folder.file("new/a.db"),
        ]
        let entries = paths.enumerated().map { "  - {name: db\($0), kind: db.sql.sqlite, file: '\($1)'}\n" }
        try folder.write("namespace: app\nentries:\n\(entries.joined())", to: "src/_index.yaml")
        let project = CheckedProject(at: folder.path, in: Program(kinds: KindCatalog(SQLiteKinds.all)))
        #expect(
            project.report.diagnostics.filter { $0.severity == .error }.map(\.message) == [
                "'file' is '\(paths[0])', which is a folder; choose another path",
                "'file' is '\(paths[1])', which leads through a file; choose another path",
                "'file' is '\(paths[2])', which has a name that is too long; choose another path",
            ])
    }

    @Test("A file that is not a database is the same error before the start as at the start, and stays as it is")
    func noDatabase() async throws {
        let folder = try TemporaryFolder()
        let real = try await SQLiteDatabase.open(SQLiteSettings(path: folder.file("real.db")))
        _ = try await real.execute("CREATE TABLE a (b)")
        try folder.write("", to: "empty.db")
        try folder.write("text", to: "short.db")
        let mistaken = Array("SQLite format 3\0".utf8) + [UInt8](repeating: 0, count: 100)
        try folder.write(mistaken, to: "mistaken.db")
        let paths = ["real.db", "empty.db", "short.db", "mistaken.db", "missing.db"].map(folder.file)
        let entries = paths.enumerated().map { "  - {name: db\($0), kind: db.sql.sqlite, file: '\($1)'}\n" }
        try folder.write("namespace: app\nentries:\n\(entries.joined())", to: "src/_index.yaml")
        let before = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
        let project = CheckedProject(at: folder.path, in: Program(kinds: KindCatalog(SQLiteKinds.all)))
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == before)
        let errors = project.report.diagnostics.filter { $0.severity == .error }
        #expect(errors.map(\.location.line) == [5, 6])
        for (error, path) in zip(errors, paths[2...3]) {
            let sentence = "cannot open the database '\(path)': file is not a database; restore the file from a backup"
            #expect(error.message == sentence)
            let failure = await #expect(throws: ServiceFailure.self) {
                try await SQLiteService(path: path).run(ready: {}, stop: StopSignal())
            }
            #expect(failure?.message == sentence)
        }
        await real.close()
    }

    @Test("A field that only a database in a file follows has no effect in memory, and a warning says so")
    func inMemory() {
        let (_, problems) = read([
            "file": text(":memory:"), "busy_timeout": text("1s"), "pool": map(["readers": text("2")]),
            "options": map(["synchronous": text("FULL"), "mmap_size": text("0"), "cache_size": text("10")]),
        ])
        #expect(
            problems
                == ["pool.readers", "options.synchronous", "options.mmap_size"].map {
                    "warning: '\($0)' has no effect: the database is in memory"
                })
    }

    @Test("Foreign keys may be written at the top of the entry, as other runtimes have them")
    func foreignKeysAtTheTop() {
        let (config, problems) = read(["file": text("a.db"), "foreign_keys": text("true")])
        #expect(problems.isEmpty)
        #expect(config.database.enforcesForeignKeys)
        let both = read([
            "file": text("a.db"), "foreign_keys": text("true"), "options": map(["foreign_keys": text("false")]),
        ])
        #expect(both.problems == ["error: 'foreign_keys' contradicts 'options.foreign_keys': write only one of them"])
        let twice = read([
            "file": text("a.db"), "foreign_keys": text("true"), "options": map(["foreign_keys": text("on")]),
        ])
        #expect(twice.problems.isEmpty)
        #expect(twice.config.database.enforcesForeignKeys)
    }

    @Test("What is wrong is said with the field, what it takes, and what was found")
    func mistakes() {
        let (_, problems) = read([
            "file": text(""), "busy_timeout": text("soon"), "pool": map(["readers": text("65")]),
            "options": map([
                "synchronous": text("SOMETIMES"), "foreign_keys": text("perhaps"), "cache_size": text("big"),
                "cache_sizes": text("1"),
            ]),
        ])
        #expect(
            problems == [
                "error: 'file' must be the path of a file, or :memory:, got nothing",
                "error: 'pool.readers' must be 0 through 64, got 65",
                "error: 'busy_timeout' must be a duration such as 10s, got 'soon'",
                "error: 'options.synchronous' must be one of OFF, NORMAL, FULL, EXTRA, got 'SOMETIMES'",
                "error: 'options.foreign_keys' must be true or false, got 'perhaps'",
                "error: 'options.cache_size' must be -1048576 through 1048576, got 'big'",
                "error: unknown field 'options.cache_sizes'; did you mean 'options.cache_size'?",
            ])
    }

    @Test("A missing file is one problem")
    func missing() {
        #expect(read([:]).problems.count == 1)
        let problem = read([:]).problems.first
        #expect(problem?.hasPrefix("error: missing field 'file': the path of the file, relative to") == true)
    }

    @Test("The pool's fields of other runtimes have no effect, and the warning says why")
    func ignored() {
        let (config, problems) = read([
            "file": text("a.db"),
            "pool": map(["max_open": text("1"), "max_idle": text("1"), "max_lifetime": text("1h")]),
        ])
        #expect(config.database == SQLiteSettings(path: "a.db"))
        #expect(problems.count == 3)
        for name in ["max_open", "max_idle", "max_lifetime"] {
            #expect(problems.contains { $0.hasPrefix("warning: 'pool.\(name)' has no effect: one connection writes") })
        }
    }

    @Test("The manual has a sentence for every field")
    func manual() {
        #expect(KindCatalog([SQLiteKind()]).mistakes == [])
    }

    @Test("A handler gets the database by its alias or its id, before it is started")
    func handlerContext() async throws {
        let folder = try TemporaryFolder()
        let entry = declaration(["file": text(folder.file("a.db"))])
        var report = Report()
        let plan = Plan(entries: [PlannedEntry(entry, kind: SQLiteKind(), isLenient: false, report: &report)])
        #expect(report.diagnostics.isEmpty)
        let environment = RuntimeEnvironment(
            executors: SharedPoolExecutors(), clock: SystemClock(), log: .silent, metrics: Metrics())
        let builder = ComponentBuilder(plan: plan, environment: environment)
        let build = BuildContext(
            id: EntryID(namespace: "app", name: "f"), environment: environment, components: builder)
        let context = HandlerContext(build: build, uses: ["db": entry.id], config: NoConfig())
        let database = try context.database("db")
        _ = try context.database("app:db")
        #expect(throws: BuildError.self) { try context.database("none") }
        #expect(throws: BuildError.self) { try context.database("app:none") }
        #expect(await wippyError { try await database.execute("SELECT 1") }?.kind == .unavailable)

        let built = try builder.buildAll().slots[entry.id]?.built
        let service = try #require(built?.service?.service as? SQLiteService)
        let one = try await service.running { _ in try await database.first("SELECT 1", as: Int.self) }
        #expect(one == 1)
    }

    private func text(_ text: String) -> Node.Content { .scalar(Scalar(text, style: .plain)) }

    private func map(_ pairs: Pairs) -> Node.Content {
        .mapping(
            pairs.map { pair in
                Node.Pair(key: pair.key, keyLocation: Self.location, value: Node(pair.value, at: Self.location))
            })
    }

    private func declaration(_ pairs: Pairs) -> EntryDeclaration {
        EntryDeclaration(
            id: EntryID(namespace: "app", name: "db"), kind: "db.sql.sqlite", kindLocation: Self.location,
            location: Self.location, meta: Node(.mapping([]), at: Self.location),
            data: Node(map(pairs), at: Self.location))
    }

    private func read(_ pairs: Pairs) -> (config: SQLiteKind.Config, problems: [String]) {
        var fields = FieldReader(declaration(pairs))
        let config = SQLiteKind().config(from: &fields, in: Program())
        return (config, fields.finish().map { "\($0.severity.rawValue): \($0.message)" })
    }

    private static let location = Location(file: "src/_index.yaml", line: 1, column: 1)
}
