import Testing
import WippyTesting
import WippyText

/// What the commands that look at a project print, one file for each case.
@Suite("Output of commands", .timeLimit(.minutes(15)))
struct CommandOutputTests {
    static let folder = #filePath.split(separator: "/").dropLast().map { "/" + $0 }.joined() + "/Golden"

    @Test("Every command prints what its case's file says", arguments: try GoldenCase.all(in: folder))
    func casePrints(_ golden: GoldenCase) async throws {
        var lines: [String] = []
        let folder = try TemporaryFolder()
        for file in golden.files { try folder.write(file.text, to: file.path) }
        for command in golden.options where command.name != "env" {
            let arguments = [command.name] + command.value.split(separator: " ").map(String.init)
            let program = try ChildApplication(
                "wippy-swift", in: folder, arguments,
                environment: Dictionary(uniqueKeysWithValues: golden.variables.map { ($0.string, $1) }))
            let status = try await program.exitStatus()
            lines += ["$ \(arguments.joined(separator: " "))"] + program.output.split(separator: "\n").map(String.init)
            if status != 0 { lines.append("exit status \(status)") }
        }
        if let difference = try golden.difference({ _ in lines }) { Issue.record("\(golden.title)\n\(difference)") }
    }
}
