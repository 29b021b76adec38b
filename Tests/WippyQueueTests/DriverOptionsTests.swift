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

    /// A kind that offers a part of its component as a queue driver, and is no kind of drivers.
    private struct BareKind: EntryKind {
        struct Whole {
            let driver = SharedDriver()
        }

        static let name: KindName = "queue.driver.bare"
        static let summary = "A driver without options and checks."

        func config(from fields: inout FieldReader, in program: Program) -> NoConfig { NoConfig() }
        func offers(_ entry: Entry<NoConfig>) -> [Offer<Whole>] { [Offer(.queueDriver) { $0.driver }] }
        func build(_ entry: Entry<NoConfig>, with context: BuildContext) -> Built<Whole> { .component(Whole()) }
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

    @Test("A kind that offers a queue driver, and is no kind of drivers, is a mistake of the program")
    func bareKind() {
        #expect(
            KindCatalog(.standard + [BareKind(), LeftKind()]).mistakes.map(\.description) == [
                """
                kinds: error: the kind 'queue.driver.bare' (\(String(reflecting: BareKind.self))) offers a queue \
                driver, so it must be a QueueDriverKind
                """
            ])
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
