public import WippyDefinition
import WippyText

/// A project that was read and checked, but not started.
///
/// `lint` shows it, and `run` begins with it.
///
/// Reading it is Read, Parse, Declare, Override, Decode and Check; ``tryingToBuild(in:)`` is Build.
public struct CheckedProject: Sendable {
    /// Its folder and settings.
    public let project: Project

    /// The texts of its files.
    public let sources: SourceSet

    /// The project's entries, decoded and checked.
    ///
    /// Build them only if ``report`` has no errors.
    public let plan: Plan

    /// The project's errors and warnings.
    public private(set) var report: Report

    /// How many entries its files declare, without disabled ones.
    public var entryCount: Int { definitions.entries.count }

    /// The declarations of its files, in order of id, including those that could not be decoded.
    public var declarations: [EntryDeclaration] { definitions.entries.sorted { $0.id < $1.id } }

    /// The fields of an entry as its kind reads them, then the fields of its `meta` that only others read.
    ///
    /// - Returns: nil if the entry's kind does not exist.
    public func fields(of declaration: EntryDeclaration) -> [ReadField]? {
        guard let kind = reading.program.kinds[declaration.kind] else { return nil }
        let own = kind.fields(of: declaration, in: reading.program)
        let others = declaration.meta.pairs.filter { pair in
            !own.contains { $0.names.starts(with: ["meta", pair.key]) }
        }
        return own + others.map { ReadField("meta.\($0.key)", ["meta", $0.key], $0.value) }
    }

    private let definitions: DefinitionSet
    private let reading: Reading

    /// The folders in which a change may change the project.
    ///
    /// It reads the disk, to follow links.
    public var watchedFolders: WatchedFolders { WatchedFolders(of: project, sources, texts: definitions.textPlaces) }

    /// Reads a project and checks everything that can be known without starting it.
    ///
    /// The stages are Read, Parse, Declare, Override, Decode and Check. Each takes the result of the one before, and
    /// all add to one report.
    ///
    /// - Parameters:
    ///   - folder: the project's folder.
    ///   - settingsFile: a file instead of `.wippy.yaml`, relative to the project's folder.
    ///   - profiles: the profiles of that file to apply, in order.
    ///   - assignments: values that replace those of that file: `section.path=value`.
    ///   - overrides: fields of entries to override: `namespace:entry:path=value`.
    ///   - environment: the variables of the process's environment.
    ///   - isLenient: whether two errors become warnings: unknown fields that resemble no known one, and ids declared
    ///     twice.
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

    /// Reads the project again.
    ///
    /// The result is the same as reading it afresh.
    ///
    /// A file that has not changed is not parsed again, and an entry that has not changed is not decoded again. So a
    /// changed entry costs little, even in a large project.
    ///
    /// - Parameter changes: the changes that code has made.
    public func readAgain(with changes: EntryChanges = EntryChanges()) -> CheckedProject {
        CheckedProject(reading, changes: changes, keeping: self)
    }

    /// Builds every entry of a project without errors, and throws the result away.
    ///
    /// - Parameter environment: an environment in which nothing runs.
    /// - Returns: the project. Its report also has the mistakes of entries that cannot be built.
    public func tryingToBuild(in environment: RuntimeEnvironment) -> CheckedProject {
        guard report.isValid else { return self }
        let registry = Registry()
        var environment = environment
        environment.registry = registry
        do throws(BuildErrors) {
            _ = try registry.apply(plan, in: environment)
            return self
        } catch {
            return reporting(error.diagnostics)
        }
    }

    /// The project with more in its report: what only the attempt to build it has shown.
    package func reporting(_ found: [Diagnostic]) -> CheckedProject {
        var project = self
        project.report.add(found)
        return project
    }

    /// Throws `InvalidProject` when there is an error in the report.
    public func throwIfInvalid() throws(InvalidProject) {
        guard report.isValid else {
            throw InvalidProject(report: report, entryCount: entryCount, sources: sources)
        }
    }

    /// What a project is read by.
    private struct Reading: Sendable {
        let folder: String
        let settingsFile: String?
        let profiles: [String]
        let assignments: [String]
        let overrides: [String]
        let environment: SystemVariables
        let isLenient: Bool
        let program: Program
    }

    private init(
        _ reading: Reading, changes: EntryChanges = EntryChanges(), keeping old: CheckedProject? = nil
    ) {
        self.reading = reading
        var report = Report()
        project = Project(
            at: reading.folder, settingsFile: reading.settingsFile, profiles: reading.profiles,
            assignments: reading.assignments, environment: reading.environment, report: &report)
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
