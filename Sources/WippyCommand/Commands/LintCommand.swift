import Wippy
import WippyDefinition
import WippyRuntime
import WippyValues

/// `lint`: everything that `run` checks before it builds the entries, and on request whether they can be built; it
/// starts none of them.
struct LintCommand: EarlyCommand {
    static let name = "lint"
    static let summary = "Check the project in this folder without running it."
    static let discussion = """
        Checks everything that 'run' checks before it builds the entries, and says how many there are. What a handler
        asks for in its code is known only when the entry is built: '--build' does that, too, and starts nothing. The
        exit status is 1 if there are errors.
        """

    private let settings: Application.Settings
    private let builds: Bool
    private let printsJSON: Bool
    private let isStrict: Bool
    private let tool: CommandLineTool

    init(from options: inout OptionReader) {
        settings = options.projectSettings()
        builds = options.flag("build", "Build every entry, too, with its handler, where there are no errors.")
        printsJSON = options.flag("json", "Print the diagnostics as JSON.")
        isStrict = options.flag("strict", "Take warnings as errors.")
        tool = options.tool
    }

    func begin() throws {
        try ApplicationBuild.becomeApplication(of: tool, settings: settings)
        Signals.setHeld(false)
    }

    func run() async throws -> Int32 {
        let application = tool.application(settings)
        let checked = application.check()
        var report = checked.report
        if builds, report.isValid {
            do {
                try await application.tryBuilding(checked)
            } catch let error as BuildError {
                report.add(error.diagnostic)
            }
        }
        if printsJSON {
            try Console.out(JSON.text(of: report.value))
        } else {
            let isTerminal = Console.outShowsColors
            let printer = DiagnosticPrinter(sources: isTerminal ? checked.sources : nil, isColored: isTerminal)
            try Console.out(printer.text(of: report, on: checked.entryCount), terminator: "")
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
