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
    /// The project of a case, with its other profiles.
    private static func check(_ golden: GoldenCase, at folder: String) -> CheckedProject {
        CheckedProject(
            at: folder, profiles: golden.values(of: "--profile"), assignments: golden.values(of: "--set"),
            overrides: golden.values(of: "-o"), environment: SystemVariables(golden.variables),
            in: Program(handlers: golden.handlers, kinds: KindCatalog(.standard + [SettingsPart<SwiftSection>()]))
        ).checkingProfiles()
    }

    static let folder = #filePath.split(separator: "/").dropLast().map { "/" + $0 }.joined() + "/Golden"

    @Test("Every case comes out as its file says", arguments: try GoldenCase.all(in: folder))
    func caseComesOut(_ golden: GoldenCase) throws {
        let difference = try golden.difference { folder in
            let project = Self.check(golden, at: folder)
            guard golden.values(of: "--excerpts").isEmpty else {
                return DiagnosticPrinter(sources: project.sources).text(of: project.report, on: project.entryCount)
                    .split(separator: "\n").map(String.init)
            }
            return project.report.diagnostics.map(\.description)
        }
        if let difference { Issue.record("\(golden.title)\n\(difference)") }
    }

    @Test(
        "The other places that a diagnostic names, and the name that it suggests, are data of the diagnostic too",
        arguments: try GoldenCase.all(in: folder))
    func data(_ golden: GoldenCase) throws {
        let folder = try TemporaryFolder()
        for file in golden.files { try folder.write(file.text, to: file.path) }
        for diagnostic in Self.check(golden, at: folder.path).report.diagnostics {
            let named = Set(
                diagnostic.message.matches(of: #/[^\s('"]+\.(?:ya?ml|json|lua):\d+:\d+/#).map { String($0.0) })
            let own = diagnostic.location.description
            let related = Set(diagnostic.related.map(\.description) + [own])
            let namesAll = diagnostic.message.firstMatch(of: #/ and \d+ more\)/#) == nil
            #expect(namesAll ? named.isSubset(of: related) : named.count + 1 < related.count, "\(diagnostic)")
            let names = related.filter { $0 != own && !diagnostic.message.contains($0) }
            #expect(!namesAll || names == [], "\(diagnostic)")
            guard let suggested = diagnostic.message.firstMatch(of: #/did you mean '([^']+)'\?/#)?.1 else {
                #expect(diagnostic.suggestion == nil, "\(diagnostic)")
                continue
            }
            // A field of another map cannot take the place of the key.
            let isElsewhere = diagnostic.message.contains("unknown field") && suggested.contains(".")
            guard let suggestion = diagnostic.suggestion else {
                #expect(isElsewhere, "\(diagnostic)")
                continue
            }
            #expect(isElsewhere ? suggested.hasSuffix(suggestion) : suggested == suggestion, "\(diagnostic)")
        }
    }

    @Test(
        "A key or value that the suggestion replaces is not wrong any more", arguments: try GoldenCase.all(in: folder))
    func corrected(_ golden: GoldenCase) throws {
        let folder = try TemporaryFolder()
        for file in golden.files { try folder.write(file.text, to: file.path) }
        for diagnostic in Self.check(golden, at: folder.path).report.diagnostics {
            let place = diagnostic.location
            guard let suggestion = diagnostic.suggestion, let endColumn = place.endColumn, place.endLine == place.line,
                let file = golden.files.first(where: { $0.path == place.source })
            else { continue }
            var lines = file.text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
            let line = Array(lines[place.line - 1].unicodeScalars)
            let wrong = String(String.UnicodeScalarView(line[(place.column - 1)..<(endColumn - 1)]))
            // The wrong name can also be a part of the value.
            guard !wrong.contains(where: { "$[{ ".contains($0) }) else { continue }
            lines[place.line - 1] =
                String(String.UnicodeScalarView(line[..<(place.column - 1)])) + "\"\(suggestion)\""
                + String(String.UnicodeScalarView(line[(endColumn - 1)...]))
            try folder.write(lines.joined(separator: "\n"), to: file.path)
            let rest = Self.check(golden, at: folder.path).report.diagnostics
            #expect(!rest.contains { $0.message == diagnostic.message && $0.location == place }, "\(diagnostic)")
            try folder.write(file.text, to: file.path)
        }
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

/// A section of a program.
private struct SwiftSection: SettingsSection {
    static let section = "swift"
    let product: String?

    init(from fields: inout FieldReader) { product = fields.optional("product", "A product.") }
}
