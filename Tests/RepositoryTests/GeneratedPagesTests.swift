import Foundation
import Testing
import Wippy
import WippyCommand
import WippyDefinition
import WippyGraph
import WippyManual
import WippyRuntime
import WippyValues

@testable import WippyTaskQueue

/// The pages of the manual that come out of the calls which read the fields.
@Suite("Generated pages")
struct GeneratedPagesTests {
    private static let folder = Repository.root.appending(path: "docs")

    @Test("The tables of the manual say what the fields say; RECORD=1 writes them")
    func areUpToDate() throws {
        let program = Program(kinds: KindCatalog(.standard))
        let manual = KindManual(of: program, glossary: "../glossary.md")
        var pages = [
            "kinds/README.md": manual.index, "kinds/lifecycle.md": manual.lifecycle,
            "kinds/metrics.md": manual.metrics, "settings.md": settings,
        ]
        for kind in manual.kinds { pages["kinds/\(kind.name).md"] = manual.page(of: kind) }
        let written = Set(pages.keys)
        let application = Application(project: Self.folder.path + "/..", handlers: TaskQueue.handlers).check()
        #expect(application.report.isValid)
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

    @Test("The metrics that every queue has begin with 'queue.', and those of what works on its messages do not")
    func metricsOfQueues() {
        let metrics = KindCatalog(.standard).metrics
        for metric in metrics {
            #expect(metric.name.string.hasPrefix("queue.") == (metric.subject == "a queue"), "\(metric.name)")
        }
        let subjects = metrics.filter { $0.name.string.hasPrefix("messages.") }.map(\.subject)
        #expect(Set(subjects) == ["a consumer", "a durable queue", "a schedule"])
    }

    @Test("Each metric that the sources declare is in the list of a kind or of the services, and so in the manual")
    func metricsAreListed() throws {
        let listed = Set(KindCatalog(.standard).metrics.map(\.name.string))
        var declared: Set<String> = []
        for file in Repository.files(in: "Sources", ending: ".swift") {
            // Examples in comments are no declarations.
            let code = try Repository.text(of: file).split(separator: "\n")
                .filter { !$0.drop { $0 == " " }.hasPrefix("//") }.joined(separator: "\n")
            declared.formUnion(
                code.matches(of: #/Metric<(?:Counter|MetricTimer|Gauge)>\(\s*"([^"]+)"/#).map { String($0.output.1) })
        }
        #expect(declared.count > 10)
        #expect(declared.subtracting(listed).sorted() == [], "add them to the 'metrics' of their kind")
    }

    private var settings: String {
        let program = CommandLineTool(program: "wippy-swift", kinds: .standard, commands: .standard).program
        return """
            # Settings

            For whoever writes the two files beside a project's [definition files](definition-files.md). The
            [glossary](glossary.md) explains the words. `make docs` writes this page from the sources.

            ## .wippy.yaml

            This file has settings for a run of the project. It is optional. An unknown key is a warning, because the file
            may have settings of other programs. But the path of a setting in one key, as in `shutdown.timeout: 10s`, is
            an error. Write `shutdown: {timeout: 10s}`. `--set section.path=value` sets a value for one run, except in
            `override` and `disable`. `--config file` reads another file.

            \(FieldTable { _ = ProjectSettings(from: &$0, sections: program.settings) })

            ## wippy.lock

            This file names the folder of the definition files. `wippy-swift init` writes it. In an existing file, `init`
            writes only the block `directories` anew. Without the file the definition files are in `./src`.

            \(FieldTable { _ = LockFile(from: &$0) })

            """
    }
}
