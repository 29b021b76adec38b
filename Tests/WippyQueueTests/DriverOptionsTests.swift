import Testing
import Wippy
import WippyQueueCommand
import WippyTesting

@testable import WippyQueue

/// Two queue drivers that share the type of their options.
@Suite("The options of queue drivers")
struct DriverOptionsTests {
    private struct LeftKind: SharedDriverKind {
        static let name: KindName = "queue.driver.left"
        static let summary = "One driver."
    }

    private struct RightKind: SharedDriverKind {
        static let name: KindName = "queue.driver.right"
        static let summary = "Another driver."
    }

    private struct OtherLeftKind: SharedDriverKind {
        static let name: KindName = "other.left"
        static let summary = "A driver of the same last word."
    }

    private static func application(_ kinds: [any ProgramPart], driver: String) throws -> (Application, TemporaryFolder)
    {
        let folder = try TemporaryFolder()
        let index = """
            namespace: app
            entries:
              - {name: driver, kind: \(driver)}
              - {name: tasks, kind: queue.queue, driver: driver, driver_options: {left: {limit: 2}, right: {limit: 3}}}

            """
        try folder.write(index, to: "src/_index.yaml")
        return (Application(project: folder.path, handlers: [], kinds: .standard + kinds), folder)
    }

    @Test("Each driver has its own options, whichever has the same type for them", arguments: ["left", "right"])
    func ownOptions(of name: String) async throws {
        let (application, folder) = try Self.application([LeftKind(), RightKind()], driver: "queue.driver.\(name)")
        let error = await #expect(throws: InvalidProject.self) { try await application.run() }
        withExtendedLifetime(folder) {}
        let errors = error?.report.diagnostics.filter { $0.severity == .error }.map(\.message)
        #expect(errors == ["the limit is \(name == "left" ? 2 : 3)"])
    }

    @Test("A command that opens the queues of a stopped project says why one cannot be built")
    func stoppedQueues() async throws {
        let (application, folder) = try Self.application([LeftKind(), RightKind()], driver: "queue.driver.left")
        let checked = application.check()
        let error = await #expect(throws: BuildErrors.self) { try await StoppedQueues.open(of: checked) { _ in } }
        withExtendedLifetime(folder) {}
        #expect(error?.errors.map(\.message) == ["the limit is 2"])
    }

    @Test("Two drivers of one name are a mistake of the program")
    func oneName() throws {
        let (application, folder) = try Self.application(
            [LeftKind(), OtherLeftKind(), RightKind()], driver: "other.left")
        let found = application.check().report.diagnostics.filter { $0.severity == .error }.map(\.description)
        withExtendedLifetime(folder) {}
        #expect(
            found == [
                """
                kinds: error: the queue driver 'left' is listed twice, as \(String(reflecting: OtherLeftKind.self)) \
                and \(String(reflecting: LeftKind.self)); give each a name of its own
                """
            ])
    }
}

private protocol SharedDriverKind: QueueDriverKind where Config == NoConfig, Component == SharedDriver {}

extension SharedDriverKind {
    func build(_ entry: Entry<NoConfig>, with context: BuildContext) -> Built<SharedDriver> {
        .component(SharedDriver())
    }
}

/// Makes no queue, and says what it was told.
private struct SharedDriver: QueueDriver {
    struct Options: EntryConfig {
        let limit: Int

        init(from fields: inout FieldReader) {
            limit = fields.optional("limit", default: 1, in: 1...10, "How many there may be.")
        }
    }

    private struct Told: Error, CustomStringConvertible {
        let description: String
    }

    func makeQueue(
        _ id: EntryID, settings: QueueSettings, options: Options, deadLetters: DeadLetters?
    ) throws -> MemoryQueue {
        throw Told(description: "the limit is \(options.limit)")
    }
}
