import Foundation
import Testing
import Wippy
import WippyDefinition
import WippyRuntime

/// The pages of `docs/kinds`, which come out of the kinds themselves.
@Suite("Generated pages")
struct GeneratedPagesTests {
    private static let folder = Repository.root.appending(path: "docs/kinds")

    @Test("docs/kinds says what the kinds say; RECORD=1 writes it")
    func areUpToDate() throws {
        let manual = KindCatalog(.standard).manual
        var pages = ["README.md": index(of: manual)]
        for kind in manual { pages["\(kind.name).md"] = page(of: kind) }
        if ProcessInfo.processInfo.environment["RECORD"] == "1" {
            try FileManager.default.createDirectory(at: Self.folder, withIntermediateDirectories: true)
            for (name, text) in pages { try Data(text.utf8).write(to: Self.folder.appending(path: name)) }
            Issue.record("the pages were written")
            return
        }
        let present = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path)
        #expect(Set(present) == Set(pages.keys), "run 'make docs'")
        for (name, text) in pages {
            let found = try? String(contentsOf: Self.folder.appending(path: name), encoding: .utf8)
            #expect(found == text, "docs/kinds/\(name) is out of date: run 'make docs'")
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
        let service = kind.role.map {
            "Its service runs as a \($0) and takes the [`lifecycle`](../lifecycle.md) block."
        }
        let rows = kind.fields.map { field in
            "| `\(field.path)` | \(Self.cell(field.expectation)) | \(Self.presence(of: field)) | \(Self.cell(field.help)) |"
        }
        let table =
            rows.isEmpty
            ? "It has no fields of its own."
            : "| field | takes | unless written | what it is for |\n| --- | --- | --- | --- |\n"
                + rows.joined(separator: "\n")
        return """
            # \(kind.name)

            \(kind.summary) \(service ?? "It is no service.")

            \(table)

            """
    }

    private static func presence(of field: FieldDescription) -> String {
        let range = field.range.map { ", \($0)" } ?? ""
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
