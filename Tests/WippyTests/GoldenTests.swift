import HTTPServing
import Testing
import Wippy
import WippyDefinition
import WippyRuntime
import WippyTesting
import WippyValues

/// What `wippy-swift lint` says of whole projects, with the standard kinds: one file for each case.
@Suite("Diagnostics of the standard kinds")
struct GoldenTests {
    static let folder = #filePath.split(separator: "/").dropLast().map { "/" + $0 }.joined() + "/Golden"

    @Test("Every case comes out as its file says", arguments: try GoldenCase.all(in: folder))
    func caseComesOut(_ golden: GoldenCase) throws {
        let difference = try golden.difference { folder in
            var report = Report()
            let project = Project(at: folder, report: &report)
            let sources = SourceSet(project, report: &report)
            let overrides = Override.options(golden.values(of: "-o"), report: &report)
            let definitions = DefinitionSet(
                sources, settings: project.settings, overrides: overrides, report: &report)
            let handlers = HandlerTable(
                [CreateTask.self, ProcessTask.self, Migrate.self], named: ["app:replaced": CreateTask.self])
            _ = Plan(
                definitions, kinds: KindCatalog(.standard), in: DecodingContext(handlers: handlers), report: &report)
            return report.diagnostics.map(\.description)
        }
        if let difference { Issue.record("\(golden.title)\n\(difference)") }
    }
}

/// Handlers of each family, for definition files to name.
private struct CreateTask: HTTPHandler {
    init(_ context: HandlerContext) {}
    func handle(_ request: HTTPRequest) -> HTTPResponse { .text("created") }
}

private struct ProcessTask: MessageHandler {
    struct Config: EntryConfig {
        let delay: Duration

        init(from fields: inout FieldReader) {
            delay = fields.optional(
                "delay", default: .zero, in: .zero ... .seconds(3600), "How long the work takes.")
        }
    }

    init(_ context: HandlerContext) {}
    func handle(_ body: Value, _ delivery: Delivery) {}
}

private struct Migrate: ProcessHandler {
    init(_ context: HandlerContext) {}
    func run(_ process: ProcessContext) -> Int { 0 }
}
