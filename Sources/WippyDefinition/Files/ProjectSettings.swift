import WippySystem
import WippyText

/// A project's settings, from `.wippy.yaml` and from the options `--profile` and `--set`.
///
/// An unknown section or key is a warning, because the file may have settings of other programs. The page
/// `docs/settings.md` lists the settings with their defaults and ranges.
public struct ProjectSettings: Sendable {
    /// The time limit for the stop of the application, from `shutdown.timeout`.
    public let shutdownTimeout: Duration

    /// The name of the application among the products of the Swift package, from `swift.product`.
    ///
    /// If it is nil, the package's only application is used.
    public let swiftProduct: String?

    /// The number of event loops, from `runtime.loops`; nil for one loop for each core.
    public let loops: Int?

    /// The overrides of the section `override`, in order.
    public let overrides: [Override]

    /// The entries that the section `disable` leaves out.
    public let disabled: DisableRules

    /// The names of the profiles that the file declares, chosen or not.
    package let profiles: [String]

    /// The values that take effect only at the next start, by the names of their settings.
    private let valuesAtStart: [ExactText: any Hashable & Sendable]

    /// The name of the section with the ``overrides``.
    static let overrideSection: ExactText = "override"

    /// Creates the settings of a project without a settings file.
    public init() {
        var fields = FieldReader()
        self.init(from: &fields)
    }

    /// Reads the settings from the fields of a file.
    ///
    /// If the reader has no file, every setting has its default.
    public init(from fields: inout FieldReader) {
        let _: SettingsVersion = fields.required("version", "The version of the file's format.")
        shutdownTimeout = fields.atStart("shutdown.timeout") { fields, path in
            fields.optional(
                path, default: .seconds(30), in: .millisecondToDay,
                "The longest time that the stop of the application may take.")
        }
        swiftProduct = fields.optional(
            "swift.product", defaultsTo: "the only executable product that depends on Wippy",
            "The name of the application's executable product in the project's Swift package.")
        loops = fields.atStart("runtime.loops") { fields, path in
            fields.optional(path, in: EventLoopCount.range, defaultsTo: "one per core", "The number of event loops.")
        }
        overrides = fields.pairs(
            Self.overrideSection.string, of: .any, words: "a map of namespace:entry:path to values",
            "Fields of entries to set, as with `-o`."
        ).compactMap { pair in
            let override = Override(key: pair.key.string, at: pair.keyLocation, value: pair.value)
            if override == nil {
                fields.reject(
                    "\(Self.overrideSection).\(pair.key)", "must be namespace:entry:path", at: pair.keyLocation)
            }
            return override
        }
        disabled = DisableRules(from: &fields)
        // The file has applied the sources to itself before.
        profiles = SettingsSources(from: &fields).profiles.map(\.key.string)
        valuesAtStart = fields.values.atStart
    }

    /// Returns the names of the settings whose new values take effect only after a restart.
    package func namesNeedingRestart(for new: ProjectSettings) -> [String] {
        valuesAtStart.keys.sorted().map(\.string).filter { name in
            let values = [self, new].map { $0.valuesAtStart[ExactText(name)].map { AnyHashable($0) } }
            return values[0] != values[1]
        }
    }

    /// Reads a settings file, if there is one, with profiles, the options `--set`, and variables applied.
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
        guard ![ProjectSettings.overrideSection, DisableRules.section].contains(names[0]) else {
            let sentence = "cannot be set here; '-o namespace:entry:path=value' sets a field of an entry"
            problems.append(.error(at: location, sentence))
            return nil
        }
        let value = Node(.scalar(Scalar(String(parts[1]), style: .external)), at: location)
        self.init(path: path, names: names[...], value: value, location: location, entry: nil)
    }
}

/// The version of the file's format, of which there is only one.
private struct SettingsVersion: FieldValue {
    private static let only = "1.0"

    static var form: FieldForm { .either([.choice([only])], words: "\"\(only)\"") }
    static var substitute: SettingsVersion { SettingsVersion() }

    private init() {}

    /// The number, without quotes, is accepted, too.
    init(reading node: Node) throws(FieldProblem) {
        guard node.scalar?.text == Self.only else { throw .expected(Self.form, got: node) }
    }

    var written: String { Self.form.words }

    /// The map of a file that has only the version.
    static var alone: Node {
        let place = Location(source: "--set")
        let version = Node(.scalar(Scalar(only, style: .quoted)), at: place)
        return Node(.mapping([Node.Pair(key: "version", keyLocation: place, value: version)]), at: place)
    }
}
