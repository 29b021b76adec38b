import WippyApplication
import WippyDefinition
import WippyRuntime
import WippyValues

/// `lint`: does everything that `run` does before it starts the entries.
struct LintCommand: Command {
    static let name = "lint"
    static let summary = "Check the project in this folder without running it."
    static let discussion = """
        'lint' does everything that 'run' does before it starts the entries: it reads, checks and builds them. Building
        has no effect outside of the program. 'lint' also checks each profile that is not chosen, and prints the
        profile's errors as warnings. At the end it prints the number of entries. The exit status is 1 if there are
        errors.

        If you give the name of a command, or '--exec' and the id of a process, as for 'run', 'lint' also checks that
        the project has the process and its host. With '--test' it checks that of the project's tests.
        """

    private let application: Application
    private let printsJSON: Bool
    private let isStrict: Bool
    /// The processes to check: the one that the command line names, and the one with the project's tests.
    private let processes: [CommandProcess]

    init(from options: inout OptionReader) {
        let (process, host) = CommandProcess.read(
            from: &options, operand: "Check that 'run' can run this command of the project.",
            verb: "Check that 'run' can run")
        let tests = CommandProcess(choice: .tests, arguments: [], host: host)
        let checksTests = options.flag("test", "Check that 'test' can run the project's tests.")
        processes = (process.map { $0.isList ? [] : [$0] } ?? []) + (checksTests ? [tests] : [])
        var application = options.application()
        application.settings.isDevelopment = options.flag("dev", "Build the entries as 'run --dev' does.")
        self.application = application
        printsJSON = options.flag("json", "Print the diagnostics as JSON.")
        isStrict = options.flag("strict", "Treat warnings as errors.")
    }

    func run() throws -> Int32 {
        let checked = checked()
        let report = checked.report
        if printsJSON {
            try Console.out(JSON.text(of: report.value))
        } else {
            let isTerminal = Console.outShowsColors
            let printer = DiagnosticPrinter(sources: isTerminal ? checked.sources : nil, isColored: isTerminal)
            try Console.out(printer.text(of: report, on: checked.entryCount))
        }
        return report.errorCount > 0 || (isStrict && report.warningCount > 0) ? 1 : 0
    }

    /// Checks the project, and whether it can run the processes.
    private func checked() -> CheckedProject {
        let checked = application.check(withOtherProfiles: true)
        guard checked.report.isValid else { return checked }
        return checked.reporting(
            processes.compactMap { process in
                do throws(CommandProcess.Refusal) {
                    _ = try process.ids(in: checked.plan)
                    return nil
                } catch {
                    return error.diagnostic
                }
            })
    }
}

extension Report {
    /// The report as JSON: the diagnostics in order, and their numbers.
    fileprivate var value: Value {
        [
            "diagnostics": .list(diagnostics.map(\.value)), "errors": .integer(errorCount),
            "warnings": .integer(warningCount),
        ]
    }
}

extension Diagnostic {
    fileprivate var value: Value {
        let fields: [(String, Value)] = [
            ("severity", .string(severity.rawValue)), ("entry", entry.map { .string($0.description) } ?? .null),
            ("message", .string(message)), ("suggestion", suggestion.map { .string($0) } ?? .null),
            ("related", .list(related.map { .map(ValueMap($0.fields, onRepeatedKey: .keepLast)) })),
        ]
        return .map(ValueMap(location.fields + fields, onRepeatedKey: .keepLast))
    }
}

extension Location {
    /// The place as fields of a JSON object.
    fileprivate var fields: [(String, Value)] {
        [
            ("path", .string(source)), ("line", .integer(line)), ("column", .integer(column)),
            ("end_line", endLine.map { .integer($0) } ?? .null),
            ("end_column", endColumn.map { .integer($0) } ?? .null),
        ]
    }
}
