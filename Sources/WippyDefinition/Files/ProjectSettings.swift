import WippySystem
package import WippyText

/// A project's settings, from `.wippy.yaml` and from the options `--profile` and `--set`.
///
/// An unknown section or key is a warning, because the file may have settings of other programs. But a known setting is
/// an error if its whole path is written as one key: `shutdown.timeout: 10s`. The page `docs/settings.md` lists the
/// settings of `wippy-swift`, with their defaults and ranges.
public struct ProjectSettings: Sendable {
    /// The setting `shutdown.timeout`: the time limit for the stop of the application.
    public let shutdownTimeout: Duration

    /// The setting `runtime.loops`: the number of event loops; nil for one loop for each core that the process may use.
    public let loops: Int?

    /// The overrides of the section `override`, in order.
    public let overrides: [Override]

    /// The entries that the section `disable` leaves out.
    public let disabled: DisableRules

    /// The names of the profiles that the file declares, chosen or not.
    package let profiles: [String]

    /// The sections of the program, by their types.
    private let sections: [ObjectIdentifier: any SettingsSection]

    /// The values that take effect only at the next start, by the names of their settings or sections.
    private let valuesAtStart: [ExactText: any Equatable & Sendable]

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
    ///
    /// - Parameters:
    ///   - fields: reads the fields of the file.
    ///   - sections: the sections of the program. Default: none.
    public init(from fields: inout FieldReader, sections: [any SettingsSection.Type] = []) {
        let _: SettingsVersion = fields.required("version", "The version of the file's format.")
        shutdownTimeout = fields.atStart("shutdown.timeout") { fields, path in
            fields.optional(
                path, default: .seconds(30), in: .millisecondToDay,
                "The longest time that the stop of the application may take.")
        }
        loops = fields.atStart("runtime.loops") { fields, path in
            fields.optional(
                path, in: EventLoopCount.range, defaultsTo: "one for each core that the process may use",
                "The number of event loops.")
        }
        var read: [ObjectIdentifier: any SettingsSection] = [:]
        for section in sections { read[ObjectIdentifier(section)] = section.init(inFile: &fields) }
        self.sections = read
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

    /// The values of a section of the program.
    ///
    /// If the program does not have the section, every field has its default.
    public subscript<Section: SettingsSection>(section: Section.Type) -> Section {
        sections[ObjectIdentifier(section)] as? Section ?? .standard
    }

    /// Returns the names of the settings and sections whose new values take effect only after a restart.
    package func namesNeedingRestart(for new: ProjectSettings) -> [String] {
        valuesAtStart.filter { name, value in !value.equals(new.valuesAtStart[name]) }.keys.sorted().map(\.string)
    }

    /// The names of the sections that every program has.
    package static let generalSections = FieldReader.sections { _ = ProjectSettings(from: &$0) }

    /// Reads a settings file, if there is one, with profiles, the options `--set`, and variables applied.
    init(
        _ file: Node?, sections: [any SettingsSection.Type], profiles: [String], assignments: [String],
        environment: SystemVariables, report: inout Report
    ) {
        var settings = SettingsFile(file ?? SettingsVersion.alone)
        var problems: [Diagnostic] = []
        settings.lay(profiles)
        settings.apply(assignments.compactMap { NodeChange(assignment: $0, &problems) })
        settings.resolve(environment, in: Self.generalSections.union(sections.map { ExactText($0.section) }))
        var fields = FieldReader(settings.root, unknownFields: .warning)
        self.init(from: &fields, sections: sections)
        report.add(problems + settings.problems + fields.finish())
    }
}

extension SettingsSection {
    /// Reads the section from the fields of a file.
    fileprivate init(inFile fields: inout FieldReader) {
        self = fields.atStart(Self.section) { fields, name in fields.nested(name) { Self(from: &$0) } }
    }
}

extension Equatable {
    fileprivate func equals(_ other: (any Equatable)?) -> Bool { other as? Self == self }
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
        let place = Location(source: ".wippy.yaml")
        let version = Node(.scalar(Scalar(only, style: .quoted)), at: place)
        return Node(.mapping([Node.Pair(key: "version", keyLocation: place, value: version)]), at: place)
    }
}
