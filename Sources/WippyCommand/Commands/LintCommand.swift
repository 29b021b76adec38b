import Wippy
import WippyDefinition
import WippyRuntime
import WippyValues

/// `lint`: everything that `run` checks, and nothing that it does.
struct LintCommand: Command {
    static let description = CommandDescription(
        name: "lint", summary: "Check the project in this folder without running it.",
        discussion: "Checks everything that 'run' checks. The exit status is 1 if there are errors.",
        options: ProjectOptions.descriptions + [
            .flag("json", "Print the diagnostics as JSON."),
            .flag("strict", "Take warnings as errors."),
        ])

    private let options: ProjectOptions
    private let printsJSON: Bool
    private let isStrict: Bool
    private let tool: CommandLineTool

    init(_ arguments: ParsedArguments, tool: CommandLineTool) {
        options = ProjectOptions(arguments)
        printsJSON = arguments.has("json")
        isStrict = arguments.has("strict")
        self.tool = tool
    }

    func begin() throws {
        try ApplicationBuild.becomeApplication(of: tool, settings: options.settings)
        Signals.setHeld(false)
    }

    func run() throws -> Int32 {
        let checked = Application(
            project: ".", handlers: tool.handlers, kinds: tool.kinds, settings: options.settings
        ).check()
        let report = checked.report
        if printsJSON {
            try Console.out(JSON.text(of: report.value))
        } else {
            let isTerminal = Console.outShowsColors
            let printer = DiagnosticPrinter(sources: isTerminal ? checked.sources : nil, isColored: isTerminal)
            try Console.out(printer.text(of: report), terminator: "")
        }
        return report.errorCount > 0 || (isStrict && report.warningCount > 0) ? 1 : 0
    }
}

extension Report {
    /// The report as JSON: what was found, in the order of the lines, and how much of it.
    fileprivate var value: Value {
        [
            "diagnostics": .list(diagnostics.map(\.value)), "errors": .integer(errorCount),
            "warnings": .integer(warningCount),
        ]
    }
}

extension Diagnostic {
    fileprivate var value: Value {
        [
            "path": .string(location.source), "line": .integer(location.line), "column": .integer(location.column),
            "severity": .string(severity.rawValue), "entry": entry.map { .string($0.description) } ?? .null,
            "message": .string(message),
        ]
    }
}
