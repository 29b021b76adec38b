import EventLoops
import Glibc
import HTTPServing
import Wippy
import WippyDefinition
import WippyLog
import WippyLoops
import WippyRuntime
import WippyTesting
import WippyText
import WippyValues

extension FuzzTarget {
    /// A project's files, through every stage of `lint`: a report whose diagnostics lead to their places, the same each
    /// time, and the same when the project was read before and is read again; what has no errors can be built, unless a handler asks for what is not there.
    package static let yaml = FuzzTarget("yaml") { bytes throws(Finding) in
        let input = ProjectInput(bytes)
        let linted = try LintedProject(input)
        try ReportChecks(linted, of: input).check()
        _ = DiagnosticPrinter(sources: linted.sources, isColored: true).text(
            of: linted.report, on: linted.plan.entries.count)
        try linted.checkBuilds()
        // Sets and dictionaries have another order each time. For some of the inputs, since it takes as long again.
        if input.size.isMultiple(of: 4) { try linted.checkIsSame(as: try LintedProject(input)) }
        if input.size % 4 == 1 { try linted.checkIsReadAgain(input) }
    }

    /// Whether a project of the target `yaml` has no errors and can be built.
    package static func builds(_ bytes: [UInt8]) throws(Finding) -> Bool {
        try LintedProject(ProjectInput(bytes)).report.isValid
    }
}

/// What `lint` makes of a project.
private struct LintedProject {
    let report: Report
    let sources: SourceSet
    let plan: Plan

    /// The report as a person reads it.
    let lines: [String]

    private let checked: CheckedProject

    /// Whether there was an error before anything was built.
    private let wasBuilt: Bool

    init(_ input: ProjectInput) throws(Finding) {
        guard let folder = Self.folder else { throw Finding("there is no folder") }
        guard let loops = Self.loops else { throw Finding("there are no loops") }
        try require(input.write(to: folder.path), "the files cannot be written")
        checked = CheckedProject(
            at: folder.path, profiles: input.values(of: "--profile"), assignments: input.values(of: "--set"),
            overrides: input.values(of: "-o"), environment: SystemVariables([:]),
            isLenient: !input.values(of: "--lenient").isEmpty, in: Self.program)
        wasBuilt = checked.report.isValid
        let project = checked.tryingToBuild(
            in: RuntimeEnvironment(
                executors: LoopExecutors(loops: loops), clock: TestClock(), log: .silent, metrics: Metrics()))
        sources = project.sources
        plan = project.plan
        report = project.report
        lines = report.diagnostics.map(\.description)
    }

    /// What was found to be right can be built; only a handler may ask for what is not there.
    func checkBuilds() throws(Finding) {
        guard wasBuilt else { return }
        for diagnostic in report.diagnostics where diagnostic.severity == .error {
            let config = diagnostic.entry.flatMap { plan[$0]?.config } as? any HandlerNaming
            try require(
                config.flatMap { Self.program.handlers[$0.handlerName.string] } != nil,
                "nothing was found, and it cannot be built: \(diagnostic)")
        }
    }

    func checkIsSame(as other: LintedProject) throws(Finding) {
        try require(lines == other.lines, "the report is another the second time: \(other.lines) instead of \(lines)")
        let difference = PlanDifference(from: plan, to: other.plan)
        try require(difference.isEmpty, "the plan is another the second time: \(difference)")
    }

    /// What is read again after a change, and again after that is undone, is what reading it afresh gives.
    func checkIsReadAgain(_ input: ProjectInput) throws(Finding) {
        let half = try LintedProject(input.halved)
        let again = checked.readAgain()
        try Self.checkIsSame(again, as: half.checked)
        guard let folder = Self.folder else { throw Finding("there is no folder") }
        try require(input.write(to: folder.path), "the files cannot be written")
        try Self.checkIsSame(again.readAgain(), as: checked)
    }

    private static func checkIsSame(_ again: CheckedProject, as fresh: CheckedProject) throws(Finding) {
        let (lines, expected) = (
            again.report.diagnostics.map(\.description), fresh.report.diagnostics.map(\.description)
        )
        try require(lines == expected, "read again, the report is \(lines), and afresh \(expected)")
        let difference = PlanDifference(from: again.plan, to: fresh.plan)
        try require(difference.isEmpty, "read again, the plan is another: \(difference)")
    }

    private static let folder: TemporaryFolder? = {
        let folder = try? TemporaryFolder()
        try? folder?.write("some text\n", to: "src/code.txt")
        return folder
    }()

    private static let program = Program(
        handlers: HandlerTable([
            CreateTask.self, ListTasks.self, Migrate.self, ProcessTask.self, StoreFailure.self,
        ]),
        kinds: KindCatalog(.standard))
    private static let loops = try? EventLoopGroup(count: 1)
}

/// What must hold of every report.
private struct ReportChecks {
    private let diagnostics: [Diagnostic]
    private let texts: [String]
    private let input: ProjectInput
    private let lines: [String: [Int]]

    init(_ linted: LintedProject, of input: ProjectInput) {
        diagnostics = linted.report.diagnostics
        texts = linted.lines
        self.input = input
        lines = input.files.mapValues(Self.lineLengths)
    }

    func check() throws(Finding) {
        try require(diagnostics.count <= 10 * input.size + 100, "\(diagnostics.count) diagnostics")
        for (diagnostic, text) in zip(diagnostics, texts) {
            try checkPlace(diagnostic)
            try check(text, of: diagnostic)
        }
        for (left, right) in zip(diagnostics, diagnostics.dropFirst()) {
            try require(left.location <= right.location, "not sorted: \(left) stands before \(right)")
        }
        try require(Set(texts.map { ExactText($0) }).count == texts.count, "something is said twice: \(texts)")
    }

    private func checkPlace(_ diagnostic: Diagnostic) throws(Finding) {
        let place = diagnostic.location
        guard let lines = lines[place.source] else {
            // An option, the program, the project as a whole, or the text beside its files.
            if place.source == "src/code.txt" { return }
            let isNoFile = ["-o ", "--set ", "--profile ", "handlers", "src"].contains {
                place.source.hasExactPrefix($0)
            }
            return try require(isNoFile && place.line == 0, "no such file: \(diagnostic)")
        }
        let isInside = lines.indices ~= place.line - 1 && 1...lines[place.line - 1] + 1 ~= place.column
        try require(isInside, "outside of its file: \(diagnostic)")
    }

    private func check(_ text: String, of diagnostic: Diagnostic) throws(Finding) {
        try require(!diagnostic.message.isEmpty, "a diagnostic says nothing: \(text)")
        let isLine = text.unicodeScalars.allSatisfy { !["\n", "\r", "\u{85}", "\u{2028}", "\u{1b}"].contains($0) }
        try require(isLine, "a diagnostic is more than a line: \(text)")
        // A cycle is shown whole, each of its references with two ids and a place.
        let parts = diagnostic.message.split(separator: " -> ").count
        try require(text.utf8.count <= (10 * input.size + 1_000) * parts, "a diagnostic of \(text.utf8.count) bytes")
    }

    /// How many scalars each line of a text holds, lines counted as YAML does.
    private static func lineLengths(_ bytes: [UInt8]) -> [Int] {
        var scalars = Array(String(decoding: bytes, as: UTF8.self).unicodeScalars)[...]
        if scalars.first == "\u{feff}" { scalars.removeFirst() }
        var lengths = [0]
        var previous: Unicode.Scalar?
        for scalar in scalars {
            defer { previous = scalar }
            switch scalar {
            case "\n" where previous == "\r": break
            case "\n", "\r", "\u{85}", "\u{2028}", "\u{2029}": lengths.append(0)
            default: lengths[lengths.count - 1] += 1
            }
        }
        return lengths
    }
}

/// Handlers of each family, named as those of the Task Queue, which ask for the same.
private struct CreateTask: HTTPHandler {
    init(_ context: HandlerContext) throws { _ = try context.queue("tasks") }
    func handle(_ request: HTTPRequest) -> HTTPResponse { .text("created") }
}

private struct ListTasks: HTTPHandler {
    init(_ context: HandlerContext) throws { _ = try context.database("db") }
    func handle(_ request: HTTPRequest) -> HTTPResponse { .text("none") }
}

private struct Migrate: ProcessHandler {
    init(_ context: HandlerContext) throws { _ = try context.database("db") }
    func run(_ process: ProcessContext) -> Int { 0 }
}

private struct ProcessTask: MessageHandler {
    struct Config: EntryConfig {
        let delay: Duration

        init(from fields: inout FieldReader) {
            delay = fields.optional("delay", default: .zero, in: .zero ... .seconds(3600), "How long the work takes.")
        }
    }

    init(_ context: HandlerContext) throws {
        _ = try context.config(Config.self)
        _ = try context.database("db")
    }
    func handle(_ body: Value, _ delivery: Delivery) {}
}

private struct StoreFailure: MessageHandler {
    init(_ context: HandlerContext) throws { _ = try context.database("db") }
    func handle(_ body: Value, _ delivery: Delivery) {}
}
