import Foundation
import Testing

/// The templates of `init`, whose sources and scripts are applications of this repository.
@Suite("Generated templates")
struct GeneratedTemplatesTests {
    /// An application that is a template, too.
    struct Origin: CustomTestStringConvertible {
        let template: String
        /// Its module; in this package with `Wippy` before it.
        let module: String
        let sources: String
        let definitions: String
        let tests: String

        var testDescription: String { template }

        /// What the names of the Swift constants begin with.
        var constant: String { module.prefix(1).lowercased() + module.dropFirst() }

        var generated: String { "Sources/WippyCommand/Templates/\(module)Template+Sources.swift" }
    }

    private static func example(_ template: String, _ module: String) -> Origin {
        let folder = "examples/\(template)"
        return Origin(
            template: template, module: module, sources: "\(folder)/Sources", definitions: "\(folder)/src",
            tests: "\(folder)/Tests")
    }

    private static let origins = [
        example("hello", "Hello"),
        Origin(
            template: "task-queue", module: "TaskQueue", sources: "Sources/TaskQueue", definitions: "src",
            tests: "Tests/TaskQueueTests"),
        example("worker", "Worker"),
    ]

    @Test("A template is an application of this repository; RECORD=1 writes it", arguments: origins)
    func isUpToDate(_ origin: Origin) throws {
        let text = try text(of: origin)
        if ProcessInfo.processInfo.environment["RECORD"] == "1" {
            try Data(text.utf8).write(to: Repository.root.appending(path: origin.generated))
            Issue.record("the template was written")
            return
        }
        #expect(
            try Repository.text(of: origin.generated) == text, "\(origin.generated) is out of date: run 'make docs'")
    }

    /// The Swift file with the template's sources and scripts.
    private func text(of origin: Origin) throws -> String {
        var sources = [(path: "\(origin.definitions)/_index.yaml", place: "src/_index.yaml")]
        for path in Repository.files(in: origin.sources, ending: ".swift") {
            sources.append((path, "Sources/{{MODULE}}/\(path.split(separator: "/").last ?? "")"))
        }
        for path in Repository.files(in: origin.tests, ending: ".swift") {
            sources.append((path, "Tests/{{MODULE}}Tests/\(path.split(separator: "/").last ?? "")"))
        }
        let folder = "examples/lua-\(origin.template)"
        let scripts = [".yaml", ".lua"].flatMap { Repository.files(in: "\(folder)/src", ending: $0) }
            .map { (path: $0, place: String($0.dropFirst(folder.count + 1))) }
        return """
            // Written by 'make docs' from the applications themselves: \(origin.sources), \(folder) and what belongs to them.

            import WippyCommandLine

            extension ProjectTemplate {
                static let \(origin.constant)Sources = [
            \(try literals(of: sources, in: origin))    ]

                static let \(origin.constant)Scripts = [
            \(try literals(of: scripts, in: origin))    ]
            }

            """
    }

    /// The files as elements of a list.
    private func literals(of files: [(path: String, place: String)], in origin: Origin) throws -> String {
        try files.map { path, place in
            let lines = try lines(of: path, in: origin).map { $0.isEmpty ? "" : "                \($0)" }
            return """
                        File(
                            path: "\(place.replacingOccurrences(of: "/\(origin.module).", with: "/{{MODULE}}."))",
                            text: ##\"""
                \(lines.joined(separator: "\n"))

                                \"""##),

                """
        }.joined()
    }

    /// The lines of a file, with the module's name replaced where it is one, and the schema where it is in a project.
    private func lines(of path: String, in origin: Origin) throws -> [String] {
        let name = try Regex("(struct|import) (Wippy)?\(origin.module)\\b")
        let text = try Repository.text(of: path).replacing(name) { match in
            "\(match.output[1].substring ?? "") {{MODULE}}"
        }.replacing(" \(origin.module).handlers", with: " {{MODULE}}.handlers")
            .replacing("$schema=../../", with: "$schema=")
        return text.dropLast().components(separatedBy: "\n")
    }
}
