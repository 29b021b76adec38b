import Testing
import Wippy
import WippyTesting

@testable import WippyVerification

@Suite("Data that verify crash cannot copy")
struct UncopiedDataTests {
    /// A database on a server, which nothing may use.
    private struct RemoteDatabase: SQLDatabase {
        private static let refusal = WippyError(.unavailable, "the server is not there")

        let parameterStyle = SQLParameterStyle.question

        func execute(_ statement: SQLStatement) throws -> SQLChanges { throw Self.refusal }
        func execute(script: SQLStatement) throws { throw Self.refusal }
        func rows(_ statement: SQLStatement, atMost maxRows: Int) throws -> SQLRows { throw Self.refusal }
        func begin() throws -> any SQLTransaction { throw Self.refusal }
    }

    private struct RemoteKind: EntryKind {
        typealias Config = NoConfig

        static let name: KindName = "own.remote"
        static let summary = "A database on a server."
        static let role: ServiceRole? = .resource

        func build(_ entry: Entry<NoConfig>, with context: BuildContext) -> Built<RemoteDatabase> {
            .component(RemoteDatabase(), service: IdleService())
        }
    }

    /// A database that keeps its data in another one.
    private struct ViewKind: EntryKind {
        static let name: KindName = "own.view"
        static let summary = "A view of another database."

        struct Config: EntryConfig {
            let database: Reference<any SQLDatabase>

            init(from fields: inout FieldReader) {
                database = fields.reference("database", .database, "The other database.")
            }
        }

        func build(_ entry: Entry<Config>, with context: BuildContext) throws -> Built<RemoteDatabase> {
            _ = try context.resolve(entry.config.database)
            return .component(RemoteDatabase())
        }
    }

    /// A queue that keeps its messages when the process ends.
    private struct KeptQueue: MessageQueue {
        let count = MessageCount(ready: 0, delayed: 0, claimed: 0)
        let isDurable = true

        func publish(_ message: Message) -> Bool { true }
        func subscribe(prefetch: Int) throws -> any MessageSubscription {
            throw WippyError(.unavailable, "nobody reads this queue")
        }
        func drain(until deadline: Duration) -> Int { 0 }
    }

    private struct KeptDriver: QueueDriver {
        func makeQueue(
            _ id: EntryID, settings: QueueSettings, options: NoConfig, deadLetters: DeadLetters?
        ) -> KeptQueue { KeptQueue() }
    }

    private struct KeptKind: QueueDriverKind {
        typealias Config = NoConfig

        static let name: KindName = "queue.driver.kept"
        static let summary = "Keeps messages outside the process."
        static let role: ServiceRole? = .resource

        func build(_ entry: Entry<NoConfig>, with context: BuildContext) -> Built<KeptDriver> {
            .component(KeptDriver(), service: IdleService())
        }
    }

    /// A queue driver that keeps its messages in a database.
    private struct TableKind: QueueDriverKind {
        static let name: KindName = "queue.driver.table"
        static let summary = "Keeps messages in a database."
        static let role: ServiceRole? = .resource

        struct Config: EntryConfig {
            let database: Base<any SQLDatabase>

            init(from fields: inout FieldReader) {
                database = fields.base("database", .database, "The database that keeps the messages.")
            }
        }

        func build(_ entry: Entry<Config>, with context: BuildContext) throws -> Built<KeptDriver> {
            _ = try context.resolve(entry.config.database)
            return .component(KeptDriver(), service: IdleService())
        }
    }

    /// Fails the test when it is started.
    private struct IdleService: ManagedService {
        func run(ready: @escaping @Sendable () -> Void, stop: StopSignal) { Issue.record("a service was started") }
    }

    /// The message with which a project is refused; nil if it is not.
    private func refusal(of entries: [String]) async throws -> String? {
        let folder = try TemporaryFolder()
        let copied = [
            "{name: db, kind: db.sql.sqlite, file: \(folder.file("app.db"))}",
            "{name: durable, kind: queue.driver.sql, database: db}",
            "{name: tasks, kind: queue.queue, driver: durable}",
        ]
        let list = (copied + entries).map { "  - \($0)\n" }.joined()
        try folder.write("namespace: app\nentries:\n\(list)", to: "src/_index.yaml")
        let kinds: [any ProgramPart] = .standard + [RemoteKind(), ViewKind(), KeptKind(), TableKind()]
        let checked = Application(project: folder.path, handlers: [], kinds: kinds).check()
        try checked.throwIfInvalid()
        do {
            try await UncopiedData.refuse(in: checked)
            return nil
        } catch {
            return "\(error)"
        }
    }

    @Test("A database that is not in a file, and a durable queue that is in no database, are named with their places")
    func refused() async throws {
        let message = try #require(
            try await refusal(of: [
                "{name: remote, kind: own.remote}", "{name: kept, kind: queue.driver.kept}",
                "{name: letters, kind: queue.queue, driver: kept}",
            ]))
        #expect(message.contains("would change your own data"))
        for (id, line) in [("app:remote", 6), ("app:letters", 8)] {
            let place = try Regex("'\(id)' \\([^ ]*_index\\.yaml:\(line):")
            #expect(message.contains(place), "\(message)")
        }
        #expect(!message.contains("app:db") && !message.contains("app:tasks"), "\(message)")
    }

    @Test(
        "What is copied with a database, and what ends with the process, is no reason to refuse a project",
        arguments: [
            [],
            ["{name: view, kind: own.view, database: db}"],
            ["{name: memory, kind: db.sql.sqlite, file: ':memory:'}"],
            ["{name: short, kind: queue.driver.memory}", "{name: hints, kind: queue.queue, driver: short}"],
            ["{name: row, kind: queue.driver.table, database: db}", "{name: kept, kind: queue.queue, driver: row}"],
        ])
    func accepted(_ entries: [String]) async throws {
        #expect(try await refusal(of: entries) == nil)
    }
}
