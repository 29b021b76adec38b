import Testing
import Wippy
import WippyTesting

@testable import own_kind

@Suite("The driver over a folder")
struct FolderDriverTests {
    @Test("It keeps the contract of a queue driver")
    func contract() async throws {
        var options = FolderDriver.Options.standard
        options.maxMessages = 1
        // The driver asks again and again, by a clock that goes on.
        try await QueueDriverConformance(isDurable: true, optionsOfOne: options, clock: SystemClock()) {
            let driver = FolderDriver(path: $1, clock: $0.clock, log: $0.log)
            return (driver, driver)
        }.check()
    }

    @Test("Queues with the same name in different namespaces have different folders")
    func folders() {
        let names = ["a", "b"].map {
            FolderDriver.folder(of: EntryID(namespace: $0, name: "jobs"), .standard)
        }
        #expect(names == ["a:jobs", "b:jobs"])
    }

    @Test("Two queues with the same 'queue_name' are refused, because they would share a folder")
    func sharedFolder() throws {
        let folder = try TemporaryFolder()
        try folder.write(
            """
            namespace: app
            entries:
              - {name: folders, kind: queue.driver.folder}
              - {name: one, kind: queue.queue, driver: folders, queue_name: jobs}
              - {name: two, kind: queue.queue, driver: folders, queue_name: jobs}
            """, to: "src/_index.yaml")
        let application = Application(project: folder.path, handlers: [], kinds: .standard + [FolderDriverKind()])
        let errors = application.check().report.diagnostics.map(\.description).sorted()
        #expect(
            errors == [
                "src/_index.yaml:4:65: error: app:one: 'queue_name' is also the name of the folder of 'app:two'",
                "src/_index.yaml:5:65: error: app:two: 'queue_name' is also the name of the folder of 'app:one'",
            ])
    }
}
