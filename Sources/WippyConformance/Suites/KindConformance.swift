import EventLoops
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
/// let test = KindConformance(
///     TickerKind(), entry: ticker, changes: ["interval=2s"], handlers: handlers, kinds: ProcessKinds.all
/// ) { _ in
///     """
///     namespace: app
///     entries:
///       - {name: tick, kind: function.swift, handler: Tick}
///       - {name: ticker, kind: clock.ticker, func: tick}
///     """
/// }
/// try await test.check()
/// ```
public struct KindConformance: Sendable {
    private let kind: any EntryKind
    private let kinds: [any ProgramPart]
    private let handlers: HandlerTable
    private let entry: EntryID
    private let changes: [String]
    private let definitions: @Sendable (_ folder: String) throws -> String

    /// Creates a test of a kind.
    ///
    /// - Parameters:
    ///   - kind: the kind.
    ///   - entry: the id of an entry of this kind.
    ///   - changes: other values for fields of the entry, each in the form `field=value`. Default: none.
    ///   - handlers: the handlers that the definitions name. Default: none.
    ///   - kinds: the other kinds of the program.
    ///   - definitions: returns the text of a definition file that has the entry. It gets the path of a folder, which
    ///     is new for each rule. It can write files there that the entry needs.
    public init(
        _ kind: some EntryKind, entry: EntryID, changes: [String] = [], handlers: HandlerTable = HandlerTable(),
        kinds: [any ProgramPart], _ definitions: @escaping @Sendable (_ folder: String) throws -> String
    ) {
        self.kind = kind
        self.kinds = kinds.filter { type(of: $0) as Any.Type != type(of: kind) } + [kind]
        (self.handlers, self.entry, self.changes, self.definitions) = (handlers, entry, changes, definitions)
    }

    /// Tests every rule.
    ///
    /// - Throws: `BrokenRule` for the first broken rule; `CancellationError` when the task is cancelled.
    public func check() async throws {
        try await Rule.check(rules, of: "kind '\(type(of: kind).name)'") {
            let folder = try TemporaryFolder()
            return try KindBench(
                project: TemporaryFolder(), folder: folder, text: definitions(folder.path), kinds: kinds,
                handlers: handlers, entry: entry)
        }
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
            Rule("An entry with a changed field is another entry", tellsChanges),
            Rule("It takes a change in place if, and only if, it reads the field by 'inPlace'", changesAsItSays),
            Rule("If it has only 'whenChanged', it takes a change in place", keepsItsWord),
            Rule("If its entry is a queue, it also offers the messages as accepted work", offersMessages),
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
        guard test.fields(of: kind).allSatisfy({ $0.presence != .required }) else { return }
        let id = EntryID(namespace: "bare", name: "entry")
        try test.project.write(
            "namespace: bare\nentries:\n  - {name: entry, kind: \(type(of: kind).name)}\n", to: "src/bare.yaml")
        let errors = test.read().report.diagnostics.filter { $0.severity == .error && $0.entry == id }
        try require(errors.isEmpty, errors.map(\.message).joined(separator: "; "))
    }

    private func statesDefaults(_ test: KindBench) async throws {
        let plan = try test.plan()
        let defaults = test.fields(of: kind).compactMap { field -> String? in
            guard !field.path.contains("[]"), field.condition == nil,
                case .optional(let written?) = field.presence, plan[entry]?.location(of: field.path) == nil
            else { return nil }
            return Self.override(for: written).map { "\(field.path)=\($0)" }
        }
        guard try await test.isChanged(by: defaults, from: plan) else { return }
        for change in defaults {
            let isChanged = try await test.isChanged(by: [change], from: plan)
            try require(!isChanged, "an entry with \(change) must be the same as one without the field")
        }
    }

    /// Returns a default as an override writes it; nil for null, which no override can write.
    private static func override(for written: String) -> String? {
        switch written {
        case "null": nil
        case "\"\"": ""
        default: written
        }
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
        let errors = test.application().check().report.diagnostics.filter { $0.severity == .error }
        try require(errors.isEmpty, errors.map(\.description).joined(separator: "\n"))
        try require("the files", test.files, is: before)
    }

    private func listsMetrics(_ test: KindBench) async throws {
        let listed = Set(KindCatalog(kinds).metrics.map(\.name))
        let unlisted = Set(try await test.metrics().map(\.name)).subtracting(listed).sorted()
        try require(unlisted.isEmpty, "no kind lists \(unlisted.map { "'\($0)'" }.joined(separator: ", "))")
    }

    private func tellsChanges(_ test: KindBench) async throws {
        let plan = try test.plan()
        for change in changes {
            let isChanged = try await test.isChanged(by: [change], from: plan)
            try require(isChanged, "an entry with \(change) must differ from one without it")
        }
    }

    /// True if only a note says which changes the kind takes in place, as for a queue, whose driver decides.
    private func hasOnlyNote(_ fields: [FieldDescription]) -> Bool {
        type(of: kind).whenChanged != nil && !fields.contains(where: \.changesInPlace)
    }

    private func changesAsItSays(_ test: KindBench) async throws {
        let fields = test.fields(of: kind)
        guard !hasOnlyNote(fields) else { return }
        for change in changes {
            let path = change.utf8.prefix { $0 != UInt8(ascii: "=") }
            let field = fields.first { path.elementsEqual($0.path.utf8) || path.starts(with: "\($0.path).".utf8) }
            let isMarked = field?.changesInPlace ?? false
            let isKept = try await test.isKept(with: change)
            try require(isMarked || !isKept, "\(change) changes in place, and the field is not read by 'inPlace'")
            try require(isKept || !isMarked, "the field is read by 'inPlace', and \(change) does not change in place")
        }
    }

    private func keepsItsWord(_ test: KindBench) async throws {
        guard hasOnlyNote(test.fields(of: kind)), !changes.isEmpty else { return }
        for change in changes {
            if try await test.isKept(with: change) { return }
        }
        throw Finding("none of these changes in place: \(changes.joined(separator: ", "))")
    }

    private func offersMessages(_ test: KindBench) throws {
        let plan = try test.plan()
        guard plan.ids(offering: .queue).contains(entry) else { return }
        try require(
            plan.ids(offering: .acceptedWork).contains(entry), "'offers' must give the offers of '[Offer].queue(_:)'")
    }
}

/// A kind under test: a project with an entry of the kind.
private struct KindBench: Sendable {
    let project: TemporaryFolder
    let folder: TemporaryFolder
    let text: String
    let kinds: [any ProgramPart]
    let handlers: HandlerTable
    let entry: EntryID

    init(
        project: TemporaryFolder, folder: TemporaryFolder, text: String, kinds: [any ProgramPart],
        handlers: HandlerTable, entry: EntryID
    ) throws {
        (self.project, self.folder, self.text) = (project, folder, text)
        (self.kinds, self.handlers, self.entry) = (kinds, handlers, entry)
        try write(text)
    }

    func write(_ text: String) throws { try project.write(text, to: "src/_index.yaml") }

    /// The fields of a kind.
    func fields(of kind: any EntryKind) -> [FieldDescription] {
        KindCatalog(kinds).manual.first { $0.name == "\(type(of: kind).name)" }?.fields ?? []
    }

    /// The names of the files in the entries' folder.
    var files: [String] { (FolderItem.all(in: folder.path) ?? []).map(\.text).sorted() }

    func application(with changes: [String] = []) -> Application {
        var settings = Application.Settings()
        settings.overrides = changes.map { "\"\(entry):\($0.replacing("\"", with: "\"\""))\"" }
        return Application(project: project.path, handlers: handlers, kinds: kinds, settings: settings)
    }

    func read(with changes: [String] = []) -> CheckedProject { application(with: changes).read() }

    /// Returns the plan of the project, which has no errors.
    func plan(with changes: [String] = []) throws -> Plan {
        let checked = read(with: changes)
        try checked.throwIfInvalid()
        return checked.plan
    }

    func isChanged(by changes: [String], from plan: Plan) async throws -> Bool {
        // Each reading takes a while, and other tests run in the same pool.
        await Task.yield()
        return PlanDifference(from: plan, to: try self.plan(with: changes)).changes[entry] != nil
    }

    /// Returns true if the entry would keep running with a change.
    func isKept(with change: String) async throws -> Bool {
        try await withBuiltEntries { registry, environment in
            try registry.entriesKept(in: try plan(with: [change]), environment: environment).contains(entry)
        }
    }

    /// Returns the metrics that the entry has once it is built.
    func metrics() async throws -> [MetricDescription] {
        let metrics = try await withBuiltEntries { _, environment in environment.metrics }
        let keys = Array(metrics.counts.keys) + Array(metrics.timings.keys) + Array(await metrics.gauges.keys)
        return keys.filter { $0.entry == entry }.map(\.metric)
    }

    /// Builds the entries of the project, and calls `body` with their registry.
    private func withBuiltEntries<Found>(
        _ body: (Registry, RuntimeEnvironment) throws -> Found
    ) async throws -> Found {
        let loops = try EventLoopGroup(count: 1)
        let result = Result {
            let registry = Registry()
            var environment = RuntimeEnvironment(
                executors: LoopExecutors(loops: loops), clock: LoopClock(control: loops.next()), log: .silent,
                metrics: Metrics())
            environment.registry = registry
            _ = try registry.begin(try plan(), in: environment)
            return try body(registry, environment)
        }
        await loops.shutDown()
        return try result.get()
    }
}
