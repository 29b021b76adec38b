import Testing
import WippyDefinition
import WippyEnvironment
import WippyRuntime
import WippyTestTools

@Suite("Golden files of the definition stages")
struct GoldenTests {
    static let cases = Result { try GoldenCase.all(in: #filePath.replacing("GoldenTests.swift", with: "Golden")) }

    @Test("There are golden files")
    func thereAreSome() throws {
        #expect(try Self.cases.get().count > 20)
    }

    @Test("A project's files give the expected lines", arguments: (try? cases.get()) ?? [])
    func golden(_ golden: GoldenCase) throws {
        let difference = try golden.difference { folder in lines(of: golden, in: folder) }
        #expect(difference == nil, "\(difference ?? "")")
    }

    /// What is wrong with a case's project; then, where the case asks with `--show`, what became of the entries.
    private func lines(of golden: GoldenCase, in folder: String) -> [String] {
        var report = Report()
        let isLenient = !golden.values(of: "--lenient").isEmpty
        let project = Project(
            at: folder, settingsFile: golden.values(of: "--config").last, profiles: golden.values(of: "--profile"),
            assignments: golden.values(of: "--set"), sections: [SwiftSection.self],
            environment: SystemVariables(golden.variables), report: &report)
        let sources = SourceSet(project, report: &report)
        let overrides = Override.options(golden.values(of: "-o"), report: &report)
        let definitions = DefinitionSet(
            sources, settings: project.settings, overrides: overrides, environment: SystemVariables(golden.variables),
            variableKinds: KindCatalog(EnvironmentKinds.all).variableKinds, isLenient: isLenient, report: &report)
        decode(definitions, isLenient: isLenient, report: &report)
        if !golden.values(of: "--excerpts").isEmpty {
            return DiagnosticPrinter(sources: sources).text(of: report, on: definitions.entries.count).split(
                separator: "\n"
            ).map(String.init)
        }
        let shown = golden.values(of: "--show").isEmpty ? [] : definitions.entries.map(\.shown)
        return report.diagnostics.map(\.description) + shown
    }
}

/// A section of a program.
private struct SwiftSection: SettingsSection {
    static let section = "swift"
    let product: String?

    init(from fields: inout FieldReader) { product = fields.optional("product", "A product.") }
}

extension EntryDeclaration {
    /// The whole entry on one line.
    fileprivate var shown: String { "\(id) is \(kind), meta \(meta.shown), data \(data.shown)" }
}

extension Node {
    /// The node in YAML's short form; numbers and words without quotes, texts in them.
    var shown: String {
        switch content {
        case .mapping(let pairs): "{\(pairs.map { "\($0.key): \($0.value.shown)" }.joined(separator: ", "))}"
        case .sequence(let elements): "[\(elements.map(\.shown).joined(separator: ", "))]"
        case .scalar(let scalar):
            switch scalar.value {
            case .null: "null"
            case .bool(let value): "\(value)"
            case .integer(let value): "\(value)"
            case .float(let value): "\(value)"
            case .text(let value): "'\(value.replacing("\n", with: "\\n"))'"
            }
        }
    }
}
