import WippyText

/// What `.wippy.yaml` says, and the options `--set` over it.
///
/// The file is a map with `version: "1.0"` and sections; a section's maps are paths: `shutdown.timeout`. A section or
/// key that has no effect here is a warning, since other programs' settings live in the same file.
public struct ProjectSettings: Sendable {
    /// How long a stop may take in all; between 1 ms and 24 hours: `shutdown.timeout`.
    public private(set) var shutdownTimeout: Duration = .seconds(30)

    /// The package's product that is the application; nil for the only one there is: `swift.product`.
    public private(set) var swiftProduct: String?

    /// How many event loops there are, 1 through 1024; nil for one for each core: `runtime.loops`.
    public private(set) var loops: Int?

    /// What the section `override` replaces in entries.
    public private(set) var overrides: [Override] = []

    /// What the section `disable` takes away.
    public private(set) var disabled = DisableRules()

    /// The settings of a project that has no file.
    public init() {}

    private static let known: [ExactText] = ["runtime.loops", "shutdown.timeout", "swift.product"]

    /// Reads the file's map, if there is one, and the options.
    init(_ root: Node?, assignments: [String], report: inout Report) {
        var values: [ExactText: Node] = [:]
        if let root { readSections(of: root, into: &values, report: &report) }
        for assignment in assignments { Self.read(assignment, into: &values, report: &report) }
        if let node = values["shutdown.timeout"] {
            let range = Duration.milliseconds(1)...(.seconds(86_400))
            Self.read(node, "shutdown.timeout", &report) { node throws(FieldProblem) in
                shutdownTimeout = try range.checked(node)
            }
        }
        if let node = values["swift.product"] {
            Self.read(node, "swift.product", &report) { node throws(FieldProblem) in
                swiftProduct = try String(reading: node)
            }
        }
        if let node = values["runtime.loops"] {
            Self.read(node, "runtime.loops", &report) { node throws(FieldProblem) in
                loops = try (1...1024).checked(node)
            }
        }
    }

    private mutating func readSections(of root: Node, into values: inout [ExactText: Node], report: inout Report) {
        Self.checkVersion(of: root, report: &report)
        for section in root.pairs where section.key != "version" {
            guard case .mapping = section.value.content else {
                if Self.sections.contains(section.key), !section.value.isNull {
                    let sentence = "'\(section.key)' must be a map, got \(section.value.found)"
                    report.add(.error(at: section.value.location, sentence))
                } else if !Self.sections.contains(section.key) {
                    Self.warn(of: section, report: &report)
                }
                continue
            }
            switch section.key {
            case "override":
                overrides = section.value.pairs.compactMap { pair in
                    Override(key: pair.key.string, at: pair.keyLocation, value: pair.value, report: &report)
                }
            case "disable": disabled = DisableRules(section.value, report: &report)
            case let key where Self.sections.contains(key):
                Self.flatten(section.value, below: key, into: &values, report: &report)
            default: Self.warn(of: section, report: &report)
            }
        }
    }

    private static let sections: [ExactText] = ["disable", "override", "runtime", "shutdown", "swift"]

    private static func checkVersion(of root: Node, report: inout Report) {
        guard let version = root["version"] else {
            report.add(.error(at: root.location, "missing field 'version': it must be \"1.0\""))
            return
        }
        if version.scalar?.text != "1.0" {
            report.add(.error(at: version.location, "'version' must be \"1.0\", got \(version.found)"))
        }
    }

    private static func warn(of section: Node.Pair, report: inout Report) {
        let nearest = Spelling.nearest(to: section.key, among: sections + ["version"])
        let help = nearest.map { "; did you mean '\($0)'?" } ?? ""
        report.add(.warning(at: section.keyLocation, "the section '\(section.key)' has no effect here\(help)"))
    }

    private static func flatten(
        _ node: Node, below parent: ExactText, into values: inout [ExactText: Node], report: inout Report
    ) {
        for pair in node.pairs {
            let path = ExactText("\(parent).\(pair.key)")
            if known.contains(path) {
                if !pair.value.isNull { values[path] = pair.value }
            } else if case .mapping = pair.value.content,
                known.contains(where: { $0.string.hasExactPrefix("\(path).") })
            {
                flatten(pair.value, below: path, into: &values, report: &report)
            } else {
                report.add(unknown(path, at: pair.keyLocation))
            }
        }
    }

    private static func unknown(_ path: ExactText, at location: Location) -> Diagnostic {
        let help = Spelling.nearest(to: path, among: known).map { "; did you mean '\($0)'?" } ?? ""
        return .warning(at: location, "'\(path)' has no effect here\(help)")
    }

    private static func read(_ assignment: String, into values: inout [ExactText: Node], report: inout Report) {
        let split = assignment.unicodeScalars.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let parts = split.map { ExactText(String($0)) }
        let location = Location(source: "--set \(parts.first ?? "")")
        let names = (parts.first ?? "").string
            .unicodeScalars.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, names.count > 1, !names.contains("") else {
            report.add(.error(at: location, "must be section.path=value"))
            return
        }
        if known.contains(parts[0]) {
            values[parts[0]] = Node(.scalar(Scalar(parts[1].string, style: .external)), at: location)
        } else if names[0] == "override" || names[0] == "disable" {
            let sentence = "cannot be set here; '-o namespace:entry:path=value' sets a field of an entry"
            report.add(.error(at: location, sentence))
        } else {
            report.add(unknown(parts[0], at: location))
        }
    }

    private static func read(
        _ node: Node, _ path: String, _ report: inout Report, _ body: (Node) throws(FieldProblem) -> Void
    ) {
        do throws(FieldProblem) {
            try body(node)
        } catch {
            report.add(.error(at: error.location ?? node.location, "'\(path)\(error.part)' \(error.message)"))
        }
    }
}
