import Synchronization
import Testing
import Wippy
import WippyRunningApplication
import WippyTesting

@Suite("Resources over a reload", .timeLimit(.minutes(15)))
struct ReloadedResourceTests {
    private static func index(_ file: String) -> String {
        """
        namespace: app
        entries:
          - {name: db, kind: db.sql.sqlite, file: "\(file)"}
          - {name: driver, kind: queue.driver.table, db: db}
          - {name: tasks, kind: queue.queue, driver: driver}
          - {name: count, kind: function.swift, handler: CountTables, uses: {db: db, tasks: tasks}}
          - {name: work, kind: function.swift, handler: Note}
          - {name: consumer, kind: queue.consumer, queue: tasks, func: work, lifecycle: {auto_start: true}}

        """
    }

    /// All of them are built anew; the function holds links to them and goes on.
    @Test("A driver that stands on an exchanged database starts on the new one, and all who use both find the new ones")
    func driverOnDatabase() async throws {
        let folder = try TemporaryFolder()
        let application = try RunningApplication(
            Self.index(folder.file("a.db")), [CountTables.self, Note.self],
            kinds: .standard + [TableQueueDriverKind()])
        let count = EntryID(namespace: "app", name: "count")
        let registry = application.application.registry
        try await eventually { registry.link(to: count, as: .function) != nil }
        let function = try #require(registry.link(to: count, as: .function))
        try await eventually { (try? await function.target.call("one")) == 1 }
        try await eventually("it is handled") { Note.words.withLock { $0 } == ["one"] }
        for (file, word) in [("b.db", "two"), ("a.db", "three")] {
            try await application.reload(Self.index(folder.file(file)))
            #expect(try await function.target.call(.string(word)) == 1)
            try await eventually("it is handled") { Note.words.withLock { $0.contains(.string(word)) } }
        }
        try await application.stop()
        #expect(!application.messages.contains { $0.contains("failed") })
    }

    private static func variables(in storage: String) -> String {
        """
        namespace: app
        entries:
          - {name: host, kind: process.host, lifecycle: {auto_start: true}}
          - {name: first, \(storage)}
          - {name: second, kind: env.storage.memory}
          - {name: router, kind: env.storage.router, storages: [first, second]}
          - {name: routed, kind: env.variable, variable: NAME, storage: router}
          - {name: NAME, kind: env.variable, storage: first}
          - name: set
            kind: function.lua
            modules: [env]
            source: |
              return function(text)
                  assert(env.set("app:routed", text))
                  return {env.get("app:routed") or "", env.get("app:NAME") or ""}
              end

        """
    }

    @Test("A router of variables asks the storage that has taken the place of another one")
    func routedStorage() async throws {
        let application = try RunningApplication(
            Self.variables(in: "kind: env.storage.static, values: {}"), [], kinds: .standard)
        let set = EntryID(namespace: "app", name: "set")
        let registry = application.application.registry
        try await eventually { registry.link(to: set, as: .function) != nil }
        let function = try #require(registry.link(to: set, as: .function))
        #expect(try await function.target.call("one") == ["one", ""])
        try await application.reload(Self.variables(in: "kind: env.storage.memory"))
        #expect(try await function.target.call("two") == ["two", "two"])
        try await application.reload(Self.variables(in: "kind: env.storage.static, values: {}"))
        #expect(try await function.target.call("three") == ["three", ""])
        try await application.stop()
    }
}

/// Publishes what it is given, and says how many tables for messages its database has.
private struct CountTables: FunctionHandler {
    let database: Database
    let queue: Queue

    init(_ context: HandlerContext) throws {
        (database, queue) = (try context.database("db"), try context.queue("tasks"))
    }

    func call(_ word: Value) async throws -> Int {
        try await queue.publish(word)
        return try await database.first("SELECT count(*) FROM sqlite_schema WHERE name = 'messages'", as: Int.self) ?? 0
    }
}

private struct Note: MessageHandler {
    static let words = Mutex<[Value]>([])

    init(_ context: HandlerContext) {}

    func handle(_ word: Value, _ delivery: Delivery) { Self.words.withLock { $0.append(word) } }
}
