import WippyText

/// The settings from `.wippy.yaml`, and from the options `--profile` and `--set`.
///
/// The file is a map with `version: "1.0"` and sections. A setting is named by its path: `shutdown.timeout`. An unknown
/// section or key is a warning, because the file may have settings of other programs.
public struct ProjectSettings: Sendable {
    /// How long a stop may take in total: `shutdown.timeout`.
    public let shutdownTimeout: Duration

    /// The package's product that is the application, `swift.product`; nil for the only one.
    public let swiftProduct: String?

    /// How many event loops there are, `runtime.loops`; nil for one for each core.
    public let loops: Int?

    /// The overrides of the section `override`.
    public let overrides: [Override]

    /// The entries that the section `disable` leaves out.
    public let disabled: DisableRules

    /// Creates the settings of a project without a file.
    public init() {
        var fields = FieldReader()
        self.init(from: &fields)
    }

    /// Reads the settings.
    ///
    /// A reader without a file gives the defaults.
    public init(from fields: inout FieldReader) {
        let _: SettingsVersion = fields.required("version", "The version of this file's form: \"1.0\".")
        shutdownTimeout = fields.optional(
            "shutdown.timeout", default: .seconds(30), in: .milliseconds(1)...(.seconds(86_400)),
            "How long a stop may take in all.")
        swiftProduct = fields.optional(
            "swift.product", defaultsTo: "the only one that can be it",
            "The product of the Swift package that is the application.")
        loops = fields.optional(
            "runtime.loops", in: 1...1024, defaultsTo: "one for each core", "How many event loops there are.")
        overrides = fields.custom(
            "override", form: .either([.map(of: .any)], words: "a map of namespace:entry:path to values"), default: [],
            secrecy: .below,
            "Fields of entries to set, as with `-o`."
        ) { node, fields throws(FieldProblem) in
            guard node.isMap else { throw .expected("a map", got: node) }
            return node.pairs.compactMap { pair in
                if let override = Override(key: pair.key.string, at: pair.keyLocation, value: pair.value) {
                    return override
                }
                let problem = FieldProblem("must be namespace:entry:path", part: ".\(pair.key)", at: pair.keyLocation)
                fields.report(problem, path: "override", node: node)
                return nil
            }
        }
        disabled = DisableRules(from: &fields)
        let _: Int = fields.custom(
            "vars", form: .either([.map(of: .spelling)], words: "a map of names to texts and numbers"), default: 0,
            secrecy: .below,
            "What `${name}` means in the values of this file."
        ) { node, _ throws(FieldProblem) in
            guard node.isMap else { throw .expected("a map", got: node) }
            return 0
        }
        let _: Int = fields.custom(
            "profiles", form: .either([.map(of: .any)], words: "a map of names to maps of sections"), default: 0,
            secrecy: .below,
            "Sections whose values replace those of this file when `--profile` names the profile."
        ) { node, _ throws(FieldProblem) in
            guard node.isMap else { throw .expected("a map", got: node) }
            return 0
        }
    }

    /// The settings of which others would be in force after a restart only.
    package func namesNeedingRestart(for new: ProjectSettings) -> [String] {
        (loops == new.loops ? [] : ["runtime.loops"])
            + (shutdownTimeout == new.shutdownTimeout ? [] : ["shutdown.timeout"])
    }

    /// Reads the file's map, if there is one, with profiles, the values of the options, and variables in their places.
    init(
        _ file: Node?, profiles: [String], assignments: [String], environment: SystemVariables, report: inout Report
    ) {
        var settings = SettingsFile(file ?? SettingsVersion.alone)
        var problems: [Diagnostic] = []
        settings.lay(profiles)
        settings.apply(assignments.compactMap { NodeChange(assignment: $0, &problems) })
        settings.resolve(environment)
        var fields = FieldReader(settings.root, unknownFields: .warning)
        self.init(from: &fields)
        report.add(problems + settings.problems + fields.finish())
    }
}

extension NodeChange {
    /// Reads `section.path=value`; nil after an error.
    fileprivate init?(assignment: String, _ problems: inout [Diagnostic]) {
        let parts = assignment.unicodeScalars.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let path = String(parts[0])
        let location = Location(source: "--set \(path)")
        let names = path.unicodeScalars.split(separator: ".", omittingEmptySubsequences: false)
            .map { ExactText(String($0)) }
        guard parts.count == 2, names.count > 1, !names.contains("") else {
            problems.append(.error(at: location, "must be section.path=value"))
            return nil
        }
        guard !["override", "disable"].contains(names[0]) else {
            let sentence = "cannot be set here; '-o namespace:entry:path=value' sets a field of an entry"
            problems.append(.error(at: location, sentence))
            return nil
        }
        let value = Node(.scalar(Scalar(String(parts[1]), style: .external)), at: location)
        self.init(path: path, names: names[...], value: value, location: location, entry: nil)
    }
}

/// The only version of the file's form that there is.
private struct SettingsVersion: FieldValue {
    static var form: FieldForm { .either([.choice(["1.0"])], words: "\"1.0\"") }
    static var placeholder: SettingsVersion { SettingsVersion() }

    private init() {}

    /// A bare 1.0 will do.
    init(reading node: Node) throws(FieldProblem) {
        guard node.scalar?.text == "1.0" else { throw .expected(Self.form, got: node) }
    }

    var written: String { Self.form.words }

    /// A file that says nothing else.
    static var alone: Node {
        let place = Location(source: "--set")
        let version = Node(.scalar(Scalar("1.0", style: .quoted)), at: place)
        return Node(.mapping([Node.Pair(key: "version", keyLocation: place, value: version)]), at: place)
    }
}
