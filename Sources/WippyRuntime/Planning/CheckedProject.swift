public import WippyDefinition
import WippyText

/// A project that was read and checked, but not started.
///
/// `lint` shows it, and `run` begins with it.
public struct CheckedProject: Sendable {
    /// The project's folder and settings.
    public let project: Project

    /// The texts of the project's definition files, lock file and settings file.
    public let sources: SourceSet

    /// The project's entries, decoded and checked.
    ///
    /// Build them only if ``report`` has no errors.
    public let plan: Plan

    /// The project's errors and warnings.
    public private(set) var report: Report

    /// The number of declared entries that could be read and are not disabled.
    public var entryCount: Int { definitions.entries.count }

    /// The declarations of the entries that could be read and are not disabled, in order of id.
    ///
    /// Entries with unknown kinds or errors in their fields are among them.
    public var declarations: [EntryDeclaration] { definitions.entries.sorted { $0.id < $1.id } }

    /// Returns the fields that the kind of an entry reads, and then the other fields in the entry's `meta`.
    ///
    /// - Returns: the fields; nil if the entry's kind does not exist.
    public func fields(of declaration: EntryDeclaration) -> [ReadField]? {
        guard let kind = reading.program.kinds[declaration.kind] else { return nil }
        let own = kind.fields(of: declaration, in: reading.program)
        let meta = DefinitionFrame.meta.key
        let others = declaration.meta.pairs.filter { pair in
            !own.contains { $0.names.starts(with: [meta, pair.key]) }
        }
        return own + others.map { ReadField("\(meta).\($0.key)", [meta, $0.key], $0.value) }
    }

    private let definitions: DefinitionSet
    private let reading: Reading

    /// The folders in which a saved file can change the project.
    ///
    /// Each access to this property reads the disk, because it follows symbolic links.
    public var watchedFolders: WatchedFolders { WatchedFolders(of: project, sources, texts: definitions.textPlaces) }

    /// Reads a project and checks it, without building its entries.
    ///
    /// The stages are Read, Parse, Declare, Override, Decode and Check. Each stage takes the result of the previous
    /// one. All stages add to one report.
    ///
    /// - Parameters:
    ///   - folder: the project's folder.
    ///   - settingsFile: the path of a settings file to read instead of `.wippy.yaml`. A relative path starts at the
    ///     project's folder. Default: nil, for `.wippy.yaml`.
    ///   - profiles: the names of profiles in the settings file. They are applied in order. Default: none.
    ///   - assignments: values that replace those of the settings file, in the form `section.path=value`. Default:
    ///     none.
    ///   - overrides: overrides of fields, in the form `namespace:entry:path=value`. Default: none.
    ///   - environment: the variables of the process's environment. Default: those of this process.
    ///   - isLenient: true if two errors count as warnings: unknown fields that resemble no known field, and ids that
    ///     are declared twice. Default: false.
    ///   - program: the kinds and handlers that entries can name.
    public init(
        at folder: String, settingsFile: String? = nil, profiles: [String] = [], assignments: [String] = [],
        overrides: [String] = [], environment: SystemVariables = .process, isLenient: Bool = false,
        in program: Program
    ) {
        self.init(
            Reading(
                folder: folder, settingsFile: settingsFile, profiles: profiles, assignments: assignments,
                overrides: overrides, environment: environment, isLenient: isLenient, program: program))
    }

    /// Reads the project again, with the arguments of the first reading.
    ///
    /// The result is the same as if nothing had been read before.
    ///
    /// - Parameter changes: the changes that code has made. Default: none.
    public func readAgain(with changes: EntryChanges = EntryChanges()) -> CheckedProject {
        CheckedProject(reading, changes: changes, keeping: self)
    }

    /// Reads the project again with other overrides.
    ///
    /// The result is the same as for a new reading with these overrides, each in the form
    /// `namespace:entry:path=value`.
    package func readAgain(overriding overrides: [String]) -> CheckedProject {
        var reading = reading
        reading.overrides = overrides
        return CheckedProject(reading, keeping: self)
    }

    /// Builds every entry, and discards the results.
    ///
    /// If the report has errors, nothing is built.
    ///
    /// - Parameter environment: an environment in which nothing runs.
    /// - Returns: the project. Its report also has the errors of entries that cannot be built.
    public func tryingToBuild(in environment: RuntimeEnvironment) -> CheckedProject {
        guard report.isValid else { return self }
        let registry = Registry()
        defer { withExtendedLifetime(registry) {} }
        var environment = environment
        environment.registry = registry
        do throws(BuildErrors) {
            _ = try registry.begin(plan, in: environment)
            return self
        } catch {
            return reporting(error.diagnostics)
        }
    }

    /// Checks the project with each profile that is not chosen.
    ///
    /// Such a profile takes the place of the chosen ones. The process's environment need not have the variables that
    /// the profile uses.
    ///
    /// - Parameter environment: an environment in which nothing runs. The entries are built in it for each profile.
    ///   Default: nil, so that nothing is built.
    /// - Returns: the project. Its report also has a warning for each diagnostic that only another profile shows.
    public func checkingProfiles(buildingIn environment: RuntimeEnvironment? = nil) -> CheckedProject {
        let chosen = Set(reading.profiles.map { ExactText($0) })
        var project = self
        for profile in self.project.settings.profiles where !chosen.contains(ExactText(profile)) {
            var other = CheckedProject(reading.with(profile: profile), keeping: self)
            if let environment { other = other.tryingToBuild(in: environment) }
            project.report.addWarnings(of: other.report, if: "with the profile '\(profile)'")
        }
        return project
    }

    /// Returns the project with more diagnostics in its report: those that only building it has shown.
    package func reporting(_ found: [Diagnostic]) -> CheckedProject {
        var project = self
        project.report.add(found)
        return project
    }

    /// Throws `InvalidProject` if the report has an error.
    public func throwIfInvalid() throws(InvalidProject) {
        guard report.isValid else {
            throw InvalidProject(report: report, entryCount: entryCount, sources: sources)
        }
    }

    /// The input of a reading.
    private struct Reading: Sendable {
        let folder: String
        let settingsFile: String?
        var profiles: [String]
        let assignments: [String]
        var overrides: [String]
        var environment: SystemVariables
        let isLenient: Bool
        let program: Program

        /// Returns the reading with only one profile, in an environment that may lack the profile's variables.
        func with(profile: String) -> Reading {
            var reading = self
            reading.profiles = [profile]
            reading.environment = environment.incomplete
            return reading
        }
    }

    private init(
        _ reading: Reading, changes: EntryChanges = EntryChanges(), keeping old: CheckedProject? = nil
    ) {
        self.reading = reading
        var report = Report()
        project = Project(
            at: reading.folder, settingsFile: reading.settingsFile, profiles: reading.profiles,
            assignments: reading.assignments, sections: reading.program.settings, environment: reading.environment,
            report: &report)
        sources = SourceSet(project, changes: changes, report: &report)
        definitions = DefinitionSet(
            sources, settings: project.settings, overrides: Override.options(reading.overrides, report: &report),
            environment: reading.environment, variableKinds: reading.program.kinds.variableKinds,
            isLenient: reading.isLenient, changes: changes, keeping: old?.definitions, report: &report)
        plan = Plan(
            definitions, in: reading.program, isLenient: reading.isLenient, keeping: old?.plan ?? .empty,
            report: &report)
        if report.isValid, let reason = plan.reasonForRest(definitions, in: project) { report.add(reason) }
        self.report = report
    }
}
