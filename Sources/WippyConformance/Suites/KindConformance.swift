import EventLoops
import Synchronization
import WippyApplication
public import WippyDefinition
import WippyLog
import WippyLoops
import WippyMessaging
public import WippyRuntime
import WippySystem
import WippyTestTools

/// Tests a kind of entries against the rules of `EntryKind`.
///
/// ```swift
/// let ticker = EntryID(namespace: "app", name: "ticker")
/// let handlers = HandlerTable([Tick.self])
/// let test = KindConformance(TickerKind(), entry: ticker, handlers: handlers, kinds: ProcessKinds.all) { _ in
///     """
///     namespace: app
///     entries:
///       - {name: tick, kind: function.swift, handler: Tick}
///       - {name: other_tick, kind: function.swift, handler: Tick}
///       - {name: ticker, kind: clock.ticker, func: tick}
///     """
/// }
/// let untested = try await test.check()
/// ```
///
/// The test changes each field of the entry. It finds another value by itself for a truth value, a number, a duration
/// and a size, and for a field that takes one of several words. For the id of an entry, it takes another entry of the
/// definitions that offers the same contract. The other fields need a value in `changes`.
public struct KindConformance: Sendable {
    private let kind: any EntryKind
    private let kinds: KindCatalog
    private let handlers: HandlerTable
    private let entry: EntryID
    private let changes: [FieldChange]
    private let definitions: @Sendable (_ folder: String) throws -> String

    /// Creates a test of a kind.
    ///
    /// - Parameters:
    ///   - kind: the kind.
    ///   - entry: the id of an entry of this kind.
    ///   - changes: other values for fields of the entry, each in the form `field=value`. For such a field, the test
    ///     takes only these values. Default: none.
    ///   - handlers: the handlers that the definitions name. Default: none.
    ///   - kinds: the other kinds of the program.
    ///   - definitions: returns the text of a definition file that has the entry. It gets the path of a folder, which
    ///     is new for each rule. It can write files there that the entry needs.
    public init(
        _ kind: some EntryKind, entry: EntryID, changes: [String] = [], handlers: HandlerTable = HandlerTable(),
        kinds: [any ProgramPart], _ definitions: @escaping @Sendable (_ folder: String) throws -> String
    ) {
        self.kind = kind
        self.kinds = KindCatalog(kinds.filter { type(of: $0) as Any.Type != type(of: kind) } + [kind])
        (self.handlers, self.entry, self.definitions) = (handlers, entry, definitions)
        self.changes = changes.map { FieldChange($0) }
    }

    /// Tests every rule.
    ///
    /// - Returns: the paths of the fields of which no change was tested. The test has found no other value for them, or
    ///   could not prepare their change in place while no service runs.
    /// - Throws: `BrokenRule` for the first broken rule, or `CancellationError` in its place if the task is
    ///   cancelled.
    @discardableResult
    public func check() async throws -> [String] {
        let subject = "kind '\(type(of: kind).name)'"
        try await Rule.check(rules, of: subject) { try bench(changes: []) }
        let fields = fields
        let found = try await bench(changes: []).findChanges(of: FieldDescription.uncovered(fields, by: changes))
        let unprepared = UnpreparedChanges()
        try await Rule.check(rulesOfChanges(unprepared), of: subject) { try bench(changes: changes + found) }
        let uncovered = FieldDescription.uncovered(fields, by: changes + found).map(\.path)
        return Set(uncovered + unprepared.fields).sorted()
    }

    /// The fields of the kind.
    private var fields: [FieldDescription] {
        kinds.manual.first { $0.name == "\(type(of: kind).name)" }?.fields ?? []
    }

    private func bench(changes: [FieldChange]) throws -> KindBench {
        let folder = try TemporaryFolder()
        return try KindBench(
            project: TemporaryFolder(), folder: folder, text: definitions(folder.path), kinds: kinds,
            handlers: handlers, entry: entry, changes: changes)
    }

    private var rules: [Rule<KindBench>] {
        [
            Rule("It describes itself: its name, its summary, and the help of each field", describes),
            Rule("Its entry has no errors", reads),
            Rule("A field that is not required can be left out", takesDefaults),
            Rule("Another reading of the same fields gives the same entry and the same diagnostics", readsAgain),
            Rule("The default of a field is the one that the manual has", statesDefaults),
            Rule("To check and build the entry makes no file", leavesNothing),
            Rule("The metrics of its entry are in the 'metrics' of a kind", listsMetrics),
            Rule("If its entry is a queue, it also offers the messages as accepted work", offersMessages),
        ]
    }

    private func rulesOfChanges(_ unprepared: UnpreparedChanges) -> [Rule<KindBench>] {
        [
            Rule("An entry with a changed field is another entry", tellsChanges),
            Rule("It takes a change in place if, and only if, it reads the field by 'inPlace'", changesAsItSays),
            Rule("If it has only 'whenChanged', it takes a change in place", keepsItsWord),
            Rule("A change in place shows what a new entry shows, and can be taken back") { test in
                try await changesBackAndForth(test, unprepared)
            },
        ]
    }

    private func describes(_ test: KindBench) throws {
        let mistakes = KindCatalog([kind]).mistakes.map(\.message)
        try require(mistakes.isEmpty, mistakes.joined(separator: "; "))
        try require(type(of: kind).whenChanged != "", "'whenChanged' must be a sentence or nil")
        try require(type(of: kind).whenBuiltAnew != "", "'whenBuiltAnew' must be a sentence or nil")
    }

    private func reads(_ test: KindBench) throws {
        let planned = try test.plan()[entry]
        try require("the kind of '\(entry)'", planned.map { "\($0.kind)" }, is: "\(type(of: kind).name)")
    }

    private func takesDefaults(_ test: KindBench) throws {
        guard fields.allSatisfy({ $0.presence != .required }) else { return }
        let id = EntryID(namespace: "bare", name: "entry")
        try test.project.write(
            "namespace: bare\nentries:\n  - {name: entry, kind: \(type(of: kind).name)}\n", to: "src/bare.yaml")
        let errors = test.read().report.diagnostics.filter { $0.severity == .error && $0.entry == id }
        try require(errors.isEmpty, errors.map(\.message).joined(separator: "; "))
    }

    private func statesDefaults(_ test: KindBench) async throws {
        let first = try test.valid()
        let defaults = fields.compactMap { field -> String? in
            guard !field.path.contains("[]"), field.condition == nil,
                case .optional(let written?) = field.presence, first.plan[entry]?.location(of: field.path) == nil
            else { return nil }
            return Self.override(for: written).map { "\(field.path)=\($0)" }
        }
        guard try await test.isChanged(by: defaults, from: first) else { return }
        for change in defaults {
            let isChanged = try await test.isChanged(by: [change], from: first)
            try require(!isChanged, "an entry with \(change) must be the same as one without the field")
        }
    }

    /// Returns a default as an override writes it; nil for null, which no override can write.
    private static func override(for written: String) -> String? {
        if ExactText.areEqual(written, "null") { return nil }
        // An override is a text without quotes.
        guard written.hasExactPrefix("\""), let text = (try? JSON.decode(written))?.string else { return written }
        return text
    }

    private func readsAgain(_ test: KindBench) throws {
        let (first, second) = (test.read(), test.read())
        try require(
            "the diagnostics", second.report.diagnostics.map(\.description),
            is: first.report.diagnostics.map(\.description))
        try require("a change", PlanDifference(from: first.plan, to: second.plan).description, is: "")
        try test.write("# Only the places of the entries change.\n\n\(test.text)")
        try require("a change of places", PlanDifference(from: first.plan, to: try test.plan()).description, is: "")
    }

    private func leavesNothing(_ test: KindBench) throws {
        let before = test.files
        let errors = test.application.check().report.diagnostics.filter { $0.severity == .error }
        try require(errors.isEmpty, errors.map(\.description).joined(separator: "\n"))
        try require("the files", test.files, is: before)
    }

    private func listsMetrics(_ test: KindBench) async throws {
        let listed = Set(kinds.metrics.map(\.name))
        let unlisted = Set(try await test.metrics().map(\.name)).subtracting(listed).sorted()
        try require(unlisted.isEmpty, "no kind lists \(unlisted.map { "'\($0)'" }.joined(separator: ", "))")
    }

    private func tellsChanges(_ test: KindBench) async throws {
        let first = try test.valid()
        for change in test.changes {
            let isChanged = try await test.isChanged(by: ["\(change)"], from: first)
            try require(isChanged, "an entry with \(change) must differ from one without it")
        }
    }

    /// True if only a note says which changes the kind takes in place, as for a queue, whose driver decides.
    private var hasOnlyNote: Bool {
        type(of: kind).whenChanged != nil && !fields.contains(where: \.changesInPlace)
    }

    private func changesAsItSays(_ test: KindBench) async throws {
        let fields = fields
        guard !hasOnlyNote else { return }
        let kept = try await test.keptChanges.map(\.description)
        for change in test.changes {
            let isMarked = fields.first { change.covers($0) }?.changesInPlace ?? false
            let isKept = kept.contains(change.description)
            try require(isMarked || !isKept, "\(change) changes in place, and the field is not read by 'inPlace'")
            try require(isKept || !isMarked, "the field is read by 'inPlace', and \(change) does not change in place")
        }
    }

    private func keepsItsWord(_ test: KindBench) async throws {
        guard hasOnlyNote, !test.changes.isEmpty else { return }
        let isKept = try await !test.keptChanges.isEmpty
        try require(
            isKept, "none of these changes in place: \(test.changes.map(\.description).joined(separator: ", "))")
    }

    private func changesBackAndForth(_ test: KindBench, _ unprepared: UnpreparedChanges) async throws {
        let mustReturn = !hasOnlyNote
        try await test.withBuiltEntries { first, registry, environment in
            let plan = first.plan
            for change in test.changes {
                let changed = try test.plan(of: first, with: [change.description])
                guard try test.keeps(in: changed, registry, environment) else { continue }
                let before = test.shown(by: registry)
                let isTested = try await registry.trying(changed, in: environment) {
                    let after = test.shown(by: registry)
                    try test.require(after, with: change, isLikeNewIn: changed, environment)
                    guard try test.keeps(in: plan, registry, environment) else {
                        try require(!mustReturn, "\(change) changes in place, and the change back does not")
                        return
                    }
                    _ = try await registry.trying(plan, in: environment) {
                        try before.require(test.shown(by: registry), "the change from \(change) back")
                    }
                    try after.require(test.shown(by: registry), "taking back the change from \(change) back")
                }
                try before.require(test.shown(by: registry), "taking back \(change)")
                if !isTested { unprepared.add(change) }
            }
        }
    }

    private func offersMessages(_ test: KindBench) throws {
        let plan = try test.plan()
        guard plan.ids(offering: .queue).contains(entry) else { return }
        try require(
            plan.ids(offering: .acceptedWork).contains(entry), "'offers' must give the offers of '[Offer].queue(_:)'")
    }
}

/// The changes in place that were not tested, because they could not be prepared.
private final class UnpreparedChanges: Sendable {
    private let changes = Mutex<[FieldChange]>([])

    /// The paths of the changed fields.
    var fields: [String] { changes.withLock { $0.map(\.field) } }

    func add(_ change: FieldChange) { changes.withLock { $0.append(change) } }
}

/// A kind under test: a project with an entry of the kind.
private struct KindBench: Sendable {
    let project: TemporaryFolder
    let folder: TemporaryFolder
    let text: String
    let kinds: KindCatalog
    let handlers: HandlerTable
    let entry: EntryID
    let changes: [FieldChange]

    init(
        project: TemporaryFolder, folder: TemporaryFolder, text: String, kinds: KindCatalog,
        handlers: HandlerTable, entry: EntryID, changes: [FieldChange]
    ) throws {
        (self.project, self.folder, self.text) = (project, folder, text)
        (self.kinds, self.handlers, self.entry, self.changes) = (kinds, handlers, entry, changes)
        try write(text)
    }

    func write(_ text: String) throws { try project.write(text, to: "src/_index.yaml") }

    /// The names of the files in the entries' folder.
    var files: [String] { (FolderItem.all(in: folder.path) ?? []).map(\.text).sorted() }

    var application: Application {
        Application(
            project: project.path, handlers: handlers, kinds: kinds, settings: Application.Settings(), log: .silent)
    }

    func read() -> CheckedProject { application.read() }

    /// Returns the project, which has no errors.
    func valid() throws -> CheckedProject {
        let checked = read()
        try checked.throwIfInvalid()
        return checked
    }

    /// Returns the plan of the project, which has no errors.
    func plan() throws -> Plan { try valid().plan }

    /// Reads a project again, with changes of the entry.
    ///
    /// What the changes do not concern is not decoded again.
    func read(_ first: CheckedProject, with changes: [String]) -> CheckedProject {
        first.readAgain(overriding: changes.map { "\"\(entry):\($0.replacing("\"", with: "\"\""))\"" })
    }

    /// Returns the plan of a project with changes of the entry, which has no errors.
    func plan(of first: CheckedProject, with changes: [String]) throws -> Plan {
        let checked = read(first, with: changes)
        try checked.throwIfInvalid()
        return checked.plan
    }

    func isChanged(by changes: [String], from first: CheckedProject) async throws -> Bool {
        // Each reading takes a while, and other tests run in the same pool.
        await Task.yield()
        return PlanDifference(from: first.plan, to: try plan(of: first, with: changes)).changes[entry] != nil
    }

    /// Returns a change of each of the fields for which there is another value.
    func findChanges(of fields: [FieldDescription]) async throws -> [FieldChange] {
        try await withBuiltEntries { first, registry, environment in
            var found: [FieldChange] = []
            for field in fields where field.canBeAssigned {
                await Task.yield()
                if let change = findChange(of: field, in: first, registry, environment) { found.append(change) }
            }
            return found
        }
    }

    private func findChange(
        of field: FieldDescription, in first: CheckedProject, _ registry: Registry, _ environment: RuntimeEnvironment
    ) -> FieldChange? {
        let others = first.plan.others(than: entry, at: field.path)
        var withoutEffect: [FieldChange] = []
        for value in others.isEmpty ? field.form.samples : others {
            let change = FieldChange("\(field.path)=\(value)")
            let checked = read(first, with: [change.description])
            guard checked.report.isValid, (try? keeps(in: checked.plan, registry, environment)) != nil else { continue }
            if PlanDifference(from: first.plan, to: checked.plan).changes[entry] != nil { return change }
            // A warning can say that the field has no effect in this entry.
            let isSilent = checked.report.diagnostics.count <= first.report.diagnostics.count
            if isSilent { withoutEffect.append(change) }
        }
        // At most one sample is the entry's own value. A kind that takes none for another one forgets the field.
        return withoutEffect.count > (others.isEmpty ? 1 : 0) ? withoutEffect.last : nil
    }

    /// The changes with which the entry would keep running.
    var keptChanges: [FieldChange] {
        get async throws {
            try await withBuiltEntries { first, registry, environment in
                try changes.filter { change in
                    try keeps(in: try plan(of: first, with: [change.description]), registry, environment)
                }
            }
        }
    }

    /// Returns true if the entry would keep running under a plan.
    func keeps(in plan: Plan, _ registry: Registry, _ environment: RuntimeEnvironment) throws -> Bool {
        try registry.entriesKept(in: plan, environment: environment).contains(entry)
    }

    /// Returns the values that the entry shows now.
    func shown(by registry: Registry) -> ShownValues { ShownValues(of: registry.built(entry) as Any) }

    /// Requires that the entry shows the values that it shows when it is built anew, as far as these are always the
    /// same.
    func require(
        _ shown: ShownValues, with change: FieldChange, isLikeNewIn plan: Plan, _ environment: RuntimeEnvironment
    ) throws {
        let (first, second) = (try shownAnew(in: plan, environment), try shownAnew(in: plan, environment))
        try first.without(differencesOf: first, and: second)
            .require(shown.without(differencesOf: first, and: second), "\(change)")
    }

    private func shownAnew(in plan: Plan, _ environment: RuntimeEnvironment) throws -> ShownValues {
        let registry = Registry()
        var environment = environment
        environment.registry = registry
        _ = try registry.begin(plan, in: environment)
        return shown(by: registry)
    }

    /// Returns the metrics that the entry has once it is built.
    func metrics() async throws -> [MetricDescription] {
        let metrics = try await withBuiltEntries { _, _, environment in environment.metrics }
        let keys = Array(metrics.counts.keys) + Array(metrics.timings.keys) + Array(await metrics.gauges.keys)
        return keys.filter { $0.entry == entry }.map(\.metric)
    }

    /// Builds the entries of the project, and calls `body` with the project and their registry.
    func withBuiltEntries<Found>(
        _ body: (CheckedProject, Registry, RuntimeEnvironment) async throws -> Found
    ) async throws -> Found {
        let loops = try EventLoopGroup(count: 1)
        let result: Result<Found, any Error>
        do {
            let registry = Registry()
            var environment = RuntimeEnvironment(
                executors: LoopExecutors(loops: loops), clock: LoopClock(control: loops.next()), log: .silent,
                metrics: Metrics())
            environment.registry = registry
            let first = try valid()
            _ = try registry.begin(first.plan, in: environment)
            result = .success(try await body(first, registry, environment))
        } catch {
            result = .failure(error)
        }
        await loops.shutDown()
        return try result.get()
    }
}

extension Plan {
    /// Returns the other entries that a field of an entry can name; none if the field names no entry.
    fileprivate func others(than user: EntryID, at field: String) -> [String] {
        guard let use = self[user]?.references.first(where: { $0.field.utf8.elementsEqual(field.utf8) }) else {
            return []
        }
        let others = entries.filter { other in
            other.id != use.entry && other.id != user && use.contract.map(other.offers.contains) ?? true
        }
        return others.prefix(3).map { "\($0.id)" }
    }
}

extension ShownValues {
    /// Requires that the entry shows these values after a change.
    fileprivate func require(_ shown: ShownValues, _ change: String) throws {
        guard let path = paths(differingFrom: shown).first else { return }
        throw Finding("after \(change), '\(path)' must be \(words(at: path)), got \(shown.words(at: path))")
    }
}
