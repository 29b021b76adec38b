import Foundation
import Testing
import Wippy
import WippyDefinition
import WippyGraph
import WippyRuntime
import WippyValues

@testable import WippyTaskQueue

/// The pages of the manual that come out of the calls which read the fields.
@Suite("Generated pages")
struct GeneratedPagesTests {
    private static let folder = Repository.root.appending(path: "docs")

    @Test("The tables of the manual say what the fields say; RECORD=1 writes them")
    func areUpToDate() throws {
        let manual = KindCatalog(.standard).manual
        var pages = ["kinds/README.md": index(of: manual), "kinds/lifecycle.md": lifecycle, "settings.md": settings]
        for kind in manual { pages["kinds/\(kind.name).md"] = page(of: kind) }
        let written = Set(pages.keys)
        let application = Application(project: Self.folder.path + "/..", handlers: TaskQueue.handlers).check()
        #expect(application.report.isValid)
        let program = Program(kinds: KindCatalog(.standard))
        pages["graph.svg"] = application.plan.entryGraph.svg
        pages["../schema.json"] = JSON.indentedText(of: DefinitionSchema(of: program).value) + "\n"
        if ProcessInfo.processInfo.environment["RECORD"] == "1" {
            for (name, text) in pages { try Data(text.utf8).write(to: Self.folder.appending(path: name)) }
            Issue.record("the pages were written")
            return
        }
        let kinds = try FileManager.default.contentsOfDirectory(atPath: Self.folder.appending(path: "kinds").path)
        #expect(Set(kinds.map { "kinds/\($0)" } + ["settings.md"]) == written, "run 'make docs'")
        for (name, text) in pages {
            let found = try? String(contentsOf: Self.folder.appending(path: name), encoding: .utf8)
            #expect(found == text, "docs/\(name) is out of date: run 'make docs'")
        }
    }

    private func index(of manual: [CatalogedKind]) -> String {
        let rows = manual.map { "| [`\($0.name)`](\($0.name).md) | \($0.summary) |" }
        return """
            # Kinds

            What an entry can be. These pages come out of the sources: `make docs` writes them.

            | kind | what it is |
            | --- | --- |
            \(rows.joined(separator: "\n"))

            """
    }

    private func page(of kind: CatalogedKind) -> String {
        let service = kind.role.map { "Its service runs as a \($0) and takes the [`lifecycle`](lifecycle.md) block." }
        return """
            # \(kind.name)

            \(kind.summary) \(service ?? "It is no service.")

            \(kind.fields.isEmpty ? "It has no fields of its own." : Self.table(of: kind.fields))
            \(kind.fieldsOfOthers.isEmpty ? "" : "\nFields that entries of other kinds have for it:\n\n\(Self.table(of: kind.fieldsOfOthers))\n")
            """
    }

    private var lifecycle: String {
        """
        # The lifecycle block

        Every entry whose kind has a service takes it. [Lifecycle](../lifecycle.md) says what follows from it.

        \(Self.table { _ = LifecyclePolicy(from: &$0) })

        """
    }

    private var settings: String {
        """
        # Settings

        The two files beside a project's [definition files](definition-files.md). This page comes out of the sources:
        `make docs` writes it.

        ## .wippy.yaml

        How the project runs. The file need not be there. What is not known is a warning, since other programs' settings
        stand in the same file. `--set section.path=value` sets a value for a run, `--config file` reads another file.

        \(Self.table { _ = ProjectSettings(from: &$0) })

        ## wippy.lock

        Where the definition files are. `wippy-swift init` writes it; what is not known in it is left alone. Without the file
        the definition files are in `./src`.

        \(Self.table { _ = LockFile(from: &$0) })

        """
    }

    private static func table(of read: (inout FieldReader) -> Void) -> String {
        var fields = FieldReader()
        read(&fields)
        return table(of: fields.descriptions)
    }

    private static func table(of fields: [FieldDescription]) -> String {
        let rows = fields.map { field in
            "| `\(field.path)` | \(cell(field.expectation)) | \(presence(of: field)) | \(cell(help(of: field))) |"
        }
        return (["| field | takes | unless written | what it is for |", "| --- | --- | --- | --- |"] + rows)
            .joined(separator: "\n")
    }

    private static func help(of field: FieldDescription) -> String {
        field.help + (field.olderName.map { " Its older name is `\($0)`." } ?? "")
    }

    private static func presence(of field: FieldDescription) -> String {
        let range = field.form.range.map { ", \($0)" } ?? ""
        return switch field.presence {
        case .required: "required\(range)"
        case .optional(let written?): "`\(cell(written))`\(range)"
        case .optional(nil): "absent\(range)"
        case .ignored: "has no effect"
        case .refused: "is refused"
        }
    }

    private static func cell(_ text: String) -> String { text.replacingOccurrences(of: "|", with: "\\|") }
}
