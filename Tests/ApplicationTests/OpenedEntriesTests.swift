import Testing
import Wippy
import WippyApplication
import WippyTesting

@Suite("Entries that are opened while the application does not run")
struct OpenedEntriesTests {
    @Test("An entry works while it is open, and an entry whose file does not exist is not opened")
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
        try await OpenedEntries.open([absent, there], of: checked) { opened in
            let database = try #require(opened.offered(by: there, as: .database))
            #expect(try await database.query("SELECT 1 + 1", as: Int.self) == [2])
            #expect(opened.offered(by: there, as: .queue) == nil)
            #expect(opened.offered(by: absent, as: .database) == nil)
        }
        #expect(throws: (any Error).self) { try folder.text(of: "absent.db") }
    }
}
