import FoundationEssentials
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
        let untested = try await QueueDriverConformance(
            optionsOfOne: options, clock: SystemClock(),
            failStorage: { (driver: FolderDriver, fails) in try Self.hideFolder(of: driver, fails) }
        ) {
            let driver = FolderDriver(path: "\($1)/queues", clock: $0.clock, log: $0.log)
            return (driver, driver)
        }.check()
        #expect(untested.isEmpty)
    }

    /// Puts a file in the place of the driver's folder, so that every call fails, or puts the folder back.
    private static func hideFolder(of driver: FolderDriver, _ isHidden: Bool) throws {
        let files = FileManager.default
        if isHidden {
            try files.moveItem(atPath: driver.path, toPath: "\(driver.path).hidden")
            try Data().write(to: URL(filePath: driver.path))
        } else {
            try files.removeItem(atPath: driver.path)
            try files.moveItem(atPath: "\(driver.path).hidden", toPath: driver.path)
        }
    }

    @Test("The runtime measures its queues, though the driver has no code for that")
    func metrics() async throws {
        let folder = try TemporaryFolder()
        let project = """
            namespace: app
            entries:
              - {name: folders, kind: queue.driver.folder, path: \(folder.path), lifecycle: {auto_start: true}}
              - {name: work, kind: queue.queue, driver: folders}
              - {name: consumer, kind: queue.consumer, queue: work, func: f, lifecycle: {auto_start: true}}
              - {name: f, kind: function.lua, source: "return function() return true end"}
            """
        try await TestApplication(
            project: .definitions(project), handlers: [], kinds: .standard + [FolderDriverKind()]
        ) { app in
            let queue = try app.queue("app:work")
            for number in 1...3 { try await queue.publish(.integer(number)) }
            try await app.settled()
            for counter in ["queue.published", "queue.acknowledged"] {
                try await eventually("\(counter) is 3") {
                    app.metrics.counts.contains { $0.key.name == counter && $0.value == 3 }
                }
            }
            let gauges = await app.metrics.gauges
            #expect(gauges.first { $0.key.name == "queue.ready" }?.value == 0)
            #expect(try await queue.info.rates?.failed == 0)
        }
    }

    @Test("Queues with the same name in different namespaces have different folders")
    func folders() {
        let names = ["a", "b"].map {
            FolderDriver.folder(of: EntryID(namespace: $0, name: "jobs"), .standard)
        }
        #expect(names == ["a:jobs", "b:jobs"])
    }

    @Test(
        "A 'queue_name' that leads out of the driver's folder is refused",
        arguments: ["../x", "..", ".", "a/b", "/etc", ".jobs", "a/\u{301}b", "\"\""])
    func nameOfNoFolder(_ name: String) throws {
        let folder = try TemporaryFolder()
        try folder.write(
            """
            namespace: app
            entries:
              - {name: folders, kind: queue.driver.folder}
              - {name: jobs, kind: queue.queue, driver: folders, queue_name: \(name)}
            """, to: "src/_index.yaml")
        let application = Application(project: folder.path, handlers: [], kinds: .standard + [FolderDriverKind()])
        #expect(
            application.check().report.diagnostics.map(\.message) == [
                "'queue_name' must be the name of a folder: not empty, without '/', and without '.' at its beginning"
            ])
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
