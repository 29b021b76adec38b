import Testing
import Wippy
import WippyApplication
import WippyTesting

@Suite("Entries that are opened while the application does not run", .timeLimit(.minutes(15)))
struct OpenedEntriesTests {
    /// Its service ends without having been ready.
    private struct HastyKind: EntryKind {
        static let name: KindName = "own.hasty"
        static let summary = "Ends at once."
        static let role: ServiceRole? = .resource
        func config(from fields: inout FieldReader, in program: Program) -> NoConfig { NoConfig() }
        func build(_ entry: Entry<NoConfig>, with context: BuildContext) -> Built<Never> { .service(Hasty()) }
    }

    private struct Hasty: ManagedService {
        func run(ready: @escaping @Sendable () -> Void, stop: StopSignal) {}
    }

    @Test("A service that ends before it is ready is an error that names its entry")
    func endsEarly() async throws {
        let folder = try TemporaryFolder()
        try folder.write("namespace: app\nentries: [{name: hasty, kind: own.hasty}]\n", to: "src/_index.yaml")
        let checked = Application(project: folder.path, handlers: [], kinds: .standard + [HastyKind()]).check()
        try checked.throwIfInvalid()
        let error = await #expect(throws: WippyError.self) {
            try await OpenedEntries.open([EntryID(namespace: "app", name: "hasty")], of: checked) { _ in
                Issue.record("the entry counts as open")
            }
        }
        #expect(error?.message == "the service of 'app:hasty' ended before it was ready")
    }

    @Test("An entry works while it is open, named once or twice, and one whose file does not exist is not opened")
    func open() async throws {
        let folder = try TemporaryFolder()
        try folder.write("", to: "there.db")
        let index = """
            namespace: app
            entries:
              - {name: there, kind: db.sql.sqlite, file: \(folder.file("there.db"))}
              - {name: absent, kind: db.sql.sqlite, file: \(folder.file("absent.db"))}

            """
        try folder.write(index, to: "src/_index.yaml")
        let checked = Application(project: folder.path, handlers: []).check()
        try checked.throwIfInvalid()
        let (there, absent) = (EntryID(namespace: "app", name: "there"), EntryID(namespace: "app", name: "absent"))
        try await OpenedEntries.open([absent, there, there], of: checked) { opened in
            let database = try #require(opened.offered(by: there, as: .database))
            #expect(try await database.query("SELECT 1 + 1", as: Int.self) == [2])
            #expect(opened.offered(by: there, as: .queue) == nil)
            #expect(opened.offered(by: absent, as: .database) == nil)
        }
        #expect(throws: (any Error).self) { try folder.text(of: "absent.db") }
    }
}
