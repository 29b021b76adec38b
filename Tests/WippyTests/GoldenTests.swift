import HTTPServing
import Testing
import Wippy
import WippyDefinition
import WippyRuntime
import WippyTesting
import WippyText
import WippyValues

/// What `wippy-swift lint` says of whole projects, with the standard kinds: one file for each case.
@Suite("Diagnostics of the standard kinds")
struct GoldenTests {
    static let folder = #filePath.split(separator: "/").dropLast().map { "/" + $0 }.joined() + "/Golden"

    @Test("Every case comes out as its file says", arguments: try GoldenCase.all(in: folder))
    func caseComesOut(_ golden: GoldenCase) throws {
        let difference = try golden.difference { folder in
            let project = CheckedProject(
                at: folder, profiles: golden.values(of: "--profile"), assignments: golden.values(of: "--set"),
                overrides: golden.values(of: "-o"), environment: SystemVariables(golden.variables),
                in: Program(handlers: golden.handlers, kinds: KindCatalog(.standard))
            ).checkingProfiles()
            guard golden.values(of: "--excerpts").isEmpty else {
                return DiagnosticPrinter(sources: project.sources).text(of: project.report, on: project.entryCount)
                    .split(separator: "\n").map(String.init)
            }
            return project.report.diagnostics.map(\.description)
        }
        if let difference { Issue.record("\(golden.title)\n\(difference)") }
    }

    @Test(
        "A run of a project with errors ends with those that a check finds, before anything starts",
        arguments: try GoldenCase.all(in: folder).filter { $0.variables.isEmpty })
    func run(_ golden: GoldenCase) async throws {
        let folder = try TemporaryFolder()
        for file in golden.files { try folder.write(file.text, to: file.path) }
        var settings = Application.Settings()
        settings.profiles = golden.values(of: "--profile")
        settings.assignments = golden.values(of: "--set")
        settings.overrides = golden.values(of: "-o")
        let log = LogRecorder()
        let application = Application(
            project: folder.path, handlers: golden.handlers, kinds: .standard, settings: settings, log: Log(to: log))
        let errors = { (report: Report) in report.diagnostics.filter { $0.severity == .error }.map(\.description) }
        let checked = application.check()
        guard !checked.report.isValid else { return }
        let failure = await #expect(throws: InvalidProject.self) { try await application.run() }
        #expect(failure.map { errors($0.report) } == errors(checked.report))
        #expect(log.messages == [])
    }
}

extension GoldenCase {
    /// Handlers of each family, those that the case names.
    fileprivate var handlers: HandlerTable {
        let text = files.map(\.text).joined()
        let types: [any Handler.Type] = [CreateTask.self, ProcessTask.self, Migrate.self, SendMail.self]
        let isReplaced = text.contains("name: replaced")
        return HandlerTable(
            types.filter { text.contains($0.name) },
            named: isReplaced
                ? ["app:replaced": CreateTask.self, "app:replaced_configured": ProcessTask.self] : [:])
    }
}

/// A handler with a field for a secret.
private struct SendMail: FunctionHandler {
    struct Config: EntryConfig {
        let password: Secret
        let tokens: [Secret]
        let sender: String

        init(from fields: inout FieldReader) {
            password = fields.required("password", "The password of the mail server.")
            tokens = fields.optional("tokens", default: [], "What clients show.")
            sender = fields.optional("sender", default: "me", "Who sends.")
        }
    }

    init(_ context: HandlerContext) {}
    func call(_ input: Value) -> Value { .null }
}

private struct CreateTask: HTTPHandler {
    init(_ context: HandlerContext) {}
    func handle(_ request: HTTPRequest) -> HTTPResponse { .text("created") }
}

private struct ProcessTask: MessageHandler {
    struct Config: EntryConfig {
        let delay: Duration

        init(from fields: inout FieldReader) {
            delay = fields.optional(
                "delay", default: .zero, in: .zero ... .seconds(3600), "The time that the work takes.")
        }
    }

    init(_ context: HandlerContext) {}
    func handle(_ body: Value, _ delivery: Delivery) {}
}

private struct Migrate: ProcessHandler {
    init(_ context: HandlerContext) {}
    func run(_ process: ProcessContext) -> Int { 0 }
}
