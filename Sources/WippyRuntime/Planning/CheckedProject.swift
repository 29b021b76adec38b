public import WippyDefinition
import WippyText

/// What is known of a project without starting it: what `lint` shows and `run` begins with.
///
/// Reading it is Read, Parse, Declare, Override, Decode and Check; ``tryingToBuild(in:)`` is Build.
public struct CheckedProject: Sendable {
    /// Its folder and settings.
    public let project: Project

    /// The texts that it was read from.
    public let sources: SourceSet

    /// Its entries; only if the report is valid can they be built.
    public let plan: Plan

    /// What is wrong with it.
    public private(set) var report: Report

    /// How many entries its files declare, those that are disabled left out.
    public var entryCount: Int { definitions.entries.count }

    /// What its files declare, in order of id: what the plan has, and what could not be decoded.
    public var declarations: [EntryDeclaration] { definitions.entries.sorted { $0.id < $1.id } }

    /// The fields of an entry as its kind reads them; then those of its `meta` that only others read.
    ///
    /// - Returns: nil for an entry of a kind that is not there: nobody knows what its fields are.
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

    /// The folders in which a change may make it another project.
    ///
    /// Looks at the disk, to follow its links.
    public var watchedFolders: WatchedFolders { WatchedFolders(of: project, sources, texts: definitions.textPlaces) }

    /// Reads a project and checks everything that can be known without starting it.
    ///
    /// Read, Parse, Declare, Override, Decode, Check: each stage takes what the one before has made, and all of them
    /// report into one report.
    ///
    /// - Parameters:
    ///   - folder: the project's folder.
    ///   - settingsFile: a file instead of `.wippy.yaml`, seen from the project's folder.
    ///   - profiles: the profiles of that file that lie over it, each over the one before.
    ///   - assignments: values over those of that file: `section.path=value`.
    ///   - overrides: fields of entries to set: `namespace:entry:path=value`.
    ///   - environment: the variables of the environment.
    ///   - isLenient: whether unknown fields that resemble no known one, and ids declared twice, are warnings.
    ///   - program: the kinds and handlers that entries may name.
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

    /// Reads the project as it is now: what came out is what reading it afresh gives.
    ///
    /// What is written as before is kept: such a file is not parsed again, and such an entry is not decoded again. So a
    /// changed entry costs little in a project of very many.
    ///
    /// - Parameter changes: what code has changed of what the files declare.
    public func readAgain(with changes: EntryChanges = EntryChanges()) -> CheckedProject {
        CheckedProject(reading, changes: changes, keeping: self)
    }

    /// Builds every entry of a project without errors, runs none and keeps none.
    ///
    /// - Parameter environment: one of its own, in which nothing runs.
    /// - Returns: the project, whose report also says what is wrong with the entries that cannot be built.
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
