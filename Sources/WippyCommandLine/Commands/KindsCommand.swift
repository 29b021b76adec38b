import WippyDefinition
import WippyManual
import WippyRuntime
import WippyText

/// `kinds`: prints the manual of the program's kinds.
struct KindsCommand: Command {
    static let name = "kinds"
    static let summary = "Print the manual of the kinds of entries, with their fields."
    static let discussion = """
        If there is an application in this folder, its own kinds are listed, too, with the options of its middleware and
        drivers and the configuration of its handlers. 'kinds lifecycle' shows the fields that every service has, and
        'kinds metrics' the metrics of all kinds.
        """

    private let tool: CommandLineTool
    private let kind: String?
    private let printsMarkdown: Bool

    init(from options: inout OptionReader) {
        kind = options.operand("kind", "Show this kind. Default: list all kinds.")
        printsMarkdown = options.flag("markdown", "Print a page of Markdown.")
        options.settingsFile()
        tool = options.tool
    }

    func run() throws -> Int32 {
        let manual = KindManual(of: tool.program)
        guard let kind else {
            let list = TextTable(manual.kinds.map { [$0.name, $0.summary] })
            try Console.out(printsMarkdown ? manual.index : "\(list)\n", terminator: "")
            return 0
        }
        if ExactText.areEqual(kind, LifecyclePolicy.block) {
            let sheet = Self.sheet(
                "\(LifecyclePolicy.block): The fields of every service.", LifecyclePolicy.descriptions)
            try Console.out(printsMarkdown ? manual.lifecycle : sheet, terminator: "")
            return 0
        }
        if ExactText.areEqual(kind, "metrics") {
            let sheet = "\(TextTable(tool.program.kinds.metrics.flatMap(Self.rows)))\n"
            try Console.out(printsMarkdown ? manual.metrics : sheet, terminator: "")
            return 0
        }
        guard let found = manual.kinds.first(where: { ExactText.areEqual($0.name, kind) }) else {
            let nearest = Spelling.nearest(to: kind, among: manual.kinds.map(\.name))
            throw UsageError("there is no kind '\(kind)'\(Spelling.suggestion(nearest))")
        }
        try Console.out(printsMarkdown ? manual.page(of: found) : sheet(of: found), terminator: "")
        return 0
    }

    private func sheet(of kind: CatalogedKind) -> String {
        let fields = Self.sheet(
            "\(kind.name)\(kind.role.map { " (\($0))" } ?? ""): \(kind.summary)", kind.fields + kind.fieldsOfOthers)
        guard !kind.metrics.isEmpty else { return fields }
        return "\(fields)\nMetrics:\n\n\(TextTable(kind.metrics.flatMap(Self.rows)))\n"
    }

    /// Returns a metric as text for a terminal: its type and unit, and its meaning below.
    private static func rows(of metric: MetricDescription) -> [[String]] {
        [["\(metric.name)", "\(metric.type) of \(metric.subject), in \(metric.unit)"], ["", metric.help]]
    }

    /// Returns fields as text for a terminal: each with the values that it takes, and its purpose below.
    private static func sheet(_ title: String, _ fields: [FieldDescription]) -> String {
        let rows = fields.flatMap { field in
            [[field.path, "\(field.expectation)\(field.terms)"], ["", field.explanation]]
        }
        return "\(title)\n\n\(rows.isEmpty ? "It has no fields of its own." : "\(TextTable(rows))")\n"
    }
}

extension FieldDescription {
    /// The default, to follow the expectation: `default 10`, `required`.
    fileprivate var terms: String {
        switch presence {
        case .required: "; required"
        case .optional: "; default \(fallback())"
        case .ignored, .refused: ""
        }
    }
}
