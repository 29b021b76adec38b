import Foundation
import Testing

/// The templates of `init`, whose sources are applications of this repository.
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

        /// The name of the Swift constant.
        var constant: String { module.prefix(1).lowercased() + module.dropFirst() + "Sources" }

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

    /// The Swift file with the template's sources.
    private func text(of origin: Origin) throws -> String {
        var files = [(path: "\(origin.definitions)/_index.yaml", place: "src/_index.yaml")]
        for path in Repository.files(in: origin.sources, ending: ".swift") {
            files.append((path, "Sources/{{MODULE}}/\(path.split(separator: "/").last ?? "")"))
        }
        for path in Repository.files(in: origin.tests, ending: ".swift") {
            files.append((path, "Tests/{{MODULE}}Tests/\(path.split(separator: "/").last ?? "")"))
        }
        let literals = try files.map { path, place in
            let lines = try lines(of: path, in: origin).map { $0.isEmpty ? "" : "                \($0)" }
            return """
                        File(
                            path: "\(place.replacingOccurrences(of: "/\(origin.module).", with: "/{{MODULE}}."))",
                            text: ##\"""
                \(lines.joined(separator: "\n"))

                                \"""##),

                """
        }
        return """
            // Written by 'make docs' from the application itself: \(origin.sources) and what belongs to it.

            extension ProjectTemplate {
                static let \(origin.constant) = [
            \(literals.joined())    ]
            }

            """
    }

    /// The lines of a file, with the module's name replaced where it is one.
    private func lines(of path: String, in origin: Origin) throws -> [String] {
        let name = try Regex("(struct|import) (Wippy)?\(origin.module)\\b")
        let text = try Repository.text(of: path).replacing(name) { match in
            "\(match.output[1].substring ?? "") {{MODULE}}"
        }.replacing(" \(origin.module).handlers", with: " {{MODULE}}.handlers")
            .replacing("$schema=../../../schema.json", with: "$schema=../schema.json")
        return text.dropLast().components(separatedBy: "\n")
    }
}
