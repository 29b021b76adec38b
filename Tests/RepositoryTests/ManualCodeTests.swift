import Foundation
import Testing
import Wippy
import WippyTesting

/// The blocks of code in the manual: YAML is linted, and Swift stands in a file that is compiled.
@Suite("The code in the manual")
struct ManualCodeTests {
    /// A block of code of a page.
    struct Block: Sendable, CustomTestStringConvertible {
        let place: String
        let language: String
        var lines: [String] = []

        var testDescription: String { place }
    }

    /// `Tests/Edge/tutorial.py` does what this page says, in a package of its own.
    private static let triedPage = "docs/tutorial.md"

    static let blocks = Result {
        let pages = ["README.md"] + Repository.files(in: "docs", ending: ".md").filter { $0 != triedPage }
        return try pages.flatMap { page in
            blocks(of: try Repository.text(of: page), in: page)
        }
    }

    private static func blocks(of text: String, in page: String) -> [Block] {
        var blocks: [Block] = []
        var isInside = false
        for (number, line) in text.components(separatedBy: "\n").enumerated() {
            if line.hasPrefix("```") {
                isInside.toggle()
                if isInside {
                    blocks.append(Block(place: "\(page):\(number + 1)", language: String(line.dropFirst(3))))
                }
            } else if isInside {
                blocks[blocks.count - 1].lines.append(line)
            }
        }
        return blocks
    }

    private static func blocks(of language: String) -> [Block] {
        ((try? blocks.get()) ?? []).filter { $0.language == language }
    }

    @Test("There are blocks of both languages")
    func thereAreSome() throws {
        #expect(try Self.blocks.get().count > 10)
        #expect(Self.blocks(of: "yaml").count > 3 && Self.blocks(of: "swift").count > 3)
    }

    /// Every Swift file of the tree, its lines without indentation and without blank ones.
    private static let sources = Result {
        try ["Sources", "Tests", "examples"].flatMap { Repository.files(in: $0, ending: ".swift") }
            .map { Data(bare(try Repository.text(of: $0).components(separatedBy: "\n")).utf8) }
    }

    private static func bare(_ lines: [String]) -> String {
        "\n" + lines.map { $0.trimmingCharacters(in: .whitespaces) + "\n" }.filter { $0 != "\n" }.joined()
    }

    @Test("A block of Swift stands in a Swift file of the tree", arguments: blocks(of: "swift"))
    func swiftIsCompiled(_ block: Block) throws {
        let code = Data(Self.bare(block.lines).utf8)
        let isThere = try Self.sources.get().contains { $0.range(of: code) != nil }
        #expect(
            isThere, "\(block.place): this code stands in no Swift file; see 'Code in the manual' in CONTRIBUTING.md")
    }

    @Test("A block of YAML has no mistakes, in the application of this repository", arguments: blocks(of: "yaml"))
    func yamlIsLinted(_ block: Block) throws {
        let folder = try TemporaryFolder()
        let application = try Repository.text(of: "src/_index.yaml")
        let text = block.lines.joined(separator: "\n")
        let isIndented = text.hasPrefix(" ")
        switch text.trimmingCharacters(in: .whitespaces) {
        case let code where code.contains("namespace:"):
            try folder.write(text, to: "src/_index.yaml")
        case let code where code.hasPrefix("version:"):
            try folder.write(text, to: ".wippy.yaml")
            try folder.write(application, to: "src/_index.yaml")
        case let code where code.hasPrefix("- name:"):
            let entries = isIndented ? block.lines : block.lines.map { "  \($0)" }
            try folder.write(application + entries.joined(separator: "\n"), to: "src/_index.yaml")
        case let code where code.hasPrefix("lifecycle:"):
            let entry = ["  - name: example", "    kind: http.service", "    addr: ':0'"]
            let lines = entry + block.lines.map { "    \($0)" }
            try folder.write(application + lines.joined(separator: "\n"), to: "src/_index.yaml")
        default:
            Issue.record("\(block.place): not a definition file, nor entries, nor a lifecycle block, nor settings")
        }
        // Entries take the place of the application's own.
        var settings = Application.Settings()
        settings.isLenient = true
        let report = Application(project: folder.path, handlers: Self.handlers, settings: settings).check().report
        let found = report.diagnostics.filter { diagnostic in
            !diagnostic.message.hasPrefix("declared twice") && diagnostic.location.source != "handlers"
        }
        #expect(found.isEmpty, "\(block.place): \(found.map(\.description).joined(separator: "\n"))")
    }

    private static let handlers = HandlerTable(
        [Greet.self],
        named: [
            "CreateTask": HTTPStub.self, "ListTasks": HTTPStub.self, "Migrate": ProcessStub.self,
            "ProcessTask": MessageStub.self, "StoreFailure": MessageStub.self,
        ])
}

private struct HTTPStub: HTTPHandler {
    init(_ context: HandlerContext) {}
    func handle(_ request: HTTPRequest) -> HTTPResponse { .text("") }
}

private struct MessageStub: MessageHandler {
    init(_ context: HandlerContext) {}
    func handle(_ body: Value, _ delivery: Delivery) {}
}

private struct ProcessStub: ProcessHandler {
    init(_ context: HandlerContext) {}
    func run(_ process: ProcessContext) -> Int { 0 }
}
