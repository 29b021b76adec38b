import WippyCommand

/// `count`: prints the number of entries of each kind in the project.
struct CountEntries: Command {
    static let name = "count"
    static let summary = "Count the entries of the project in this folder, by kind."

    private let application: Application
    private let prefix: String

    init(from options: inout OptionReader) {
        application = options.application()
        let kind = options.value(
            "kind", letter: "k", valueName: "text", "Count only kinds that begin with this text.")
        prefix = kind ?? ""
    }

    func run() throws -> Int32 {
        let project = application.check()
        try project.report.throwIfInvalid()
        let kinds = project.plan.entries.map { "\($0.kind)" }.filter { $0.hasPrefix(prefix) }
        let counts = Dictionary(kinds.map { ($0, 1) }, uniquingKeysWith: +)
        for (kind, count) in counts.sorted(by: { $0.key < $1.key }) { print("\(count)  \(kind)") }
        return 0
    }
}
