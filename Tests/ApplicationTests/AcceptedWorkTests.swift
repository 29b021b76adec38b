import Synchronization
import Testing
import Wippy
import WippyRunningApplication
import WippyTesting

@testable import WippyRuntime

/// A kind that is no queue, and keeps rows until another service has written them.
@Suite("Accepted work of a kind that is no queue", .timeLimit(.minutes(15)))
struct AcceptedWorkTests {
    private static let batch = EntryID(namespace: "app", name: "batch")

    private static func index(
        _ batch: String = "{name: batch, kind: test.batcher, table: a}", more: String = ""
    ) -> String {
        """
        namespace: app
        entries:
          - {name: idle, kind: test.idle, lifecycle: {auto_start: true}}
        \(batch.isEmpty ? "" : "  - \(batch)")
        \(more)

        """
    }

    private static func start(_ index: String = index()) async throws -> RunningApplication {
        let application = try RunningApplication(
            index, [], kinds: .standard + [BatcherKind(), IdleKind(), RefusingKind(), RowWriterKind()])
        try await eventually("it runs") { application.messages.contains("started") }
        return application
    }

    private static func batcher(of application: RunningApplication) throws -> Batcher {
        let link = application.application.registry.link(to: batch, as: .acceptedWork)
        return try #require(link?.target as? Batcher)
    }

    private static func outcome(_ application: RunningApplication, _ index: String) async throws -> PlanChange.Outcome?
    {
        guard case .changed(let change) = try await application.change(index) else { return nil }
        return change.outcome
    }

    @Test("A reload does not remove it while it holds work, and does so afterwards")
    func removed() async throws {
        let application = try await Self.start()
        let batcher = try Self.batcher(of: application)
        batcher.add(2)
        #expect(
            try await Self.outcome(application, Self.index(""))
                == .refused("the reload would remove the batcher app:batch, which holds 2 rows; it must be empty first")
        )
        batcher.add(-2)
        #expect(try await Self.outcome(application, Self.index("")) == .applied)
        try await application.stop()
    }

    @Test("If it is built anew, its work moves to the new one, and back if the reload is taken back")
    func moved() async throws {
        let application = try await Self.start()
        let first = try Self.batcher(of: application)
        first.add(2)
        try await application.reload(Self.index("{name: batch, kind: test.batcher, table: b}"))
        let second = try Self.batcher(of: application)
        #expect(second !== first && second.rows == 2 && first.rows == 0)
        let refusing = "  - {name: refusing, kind: test.refusing, lifecycle: {auto_start: true}}"
        #expect(
            try await Self.outcome(
                application, Self.index("{name: batch, kind: test.batcher, table: c}", more: refusing))
                == .takenBack("app:refusing: no"))
        #expect(try Self.batcher(of: application) === second && second.rows == 2)
        try await application.stop()
    }

    @Test("If its work cannot move, it is not built anew while it holds work")
    func pinned() async throws {
        let application = try await Self.start(Self.index("{name: batch, kind: test.batcher, table: a, pinned: true}"))
        try Self.batcher(of: application).add(1)
        #expect(
            try await Self.outcome(application, Self.index("{name: batch, kind: test.batcher, table: b}"))
                == .refused("the reload would remove the batcher app:batch, which holds 1 rows; it must be empty first")
        )
        try await application.stop()
    }

    @Test("Before a stop, the service that consumes it does all of its work")
    func drained() async throws {
        let writer = "  - {name: writer, kind: test.writer, from: batch, lifecycle: {auto_start: true}}"
        let application = try await Self.start(Self.index(more: writer))
        let batcher = try Self.batcher(of: application)
        batcher.add(20)
        try await application.stop()
        #expect(batcher.rows == 0)
    }
}

/// The suite for accepted work, with a type that is no queue.
@Suite("The contract of accepted work", .timeLimit(.minutes(15)))
struct AcceptedWorkContractTests {
    private static func conformance(_ flaw: Batcher.Flaw? = nil, isPinned: Bool = false) -> AcceptedWorkConformance {
        AcceptedWorkConformance(canMove: !isPinned, limit: .seconds(20)) { (batcher: Batcher, count) in
            batcher.add(count)
        } finish: { batcher, count in
            batcher.add(-count)
        } _: { _, _ in
            (Batcher(isPinned: isPinned, flaw: flaw), Batcher(isPinned: isPinned, flaw: flaw), nil)
        }
    }

    @Test("A batcher keeps it, with rows that move and with rows that do not", arguments: [false, true])
    func batcher(isPinned: Bool) async throws {
        try await Self.conformance(isPinned: isPinned).check()
    }

    /// One way to break the contract each, and a word of the rule that it breaks.
    private static let flaws: [(flaw: Batcher.Flaw, rule: String)] = [
        (.hasNoNouns, "nouns"), (.countsAdded, "added and not done"), (.countsNothing, "grows with each unit"),
        (.countsDrains, "stays the same without one"), (.drainsEarly, "waits until the work is done"),
        (.saysDurable, "draining does not wait"), (.ignoresCancellation, "Cancelling the task"),
        (.movesToAnybody, "of an unknown type"), (.movesWhenAsked, "moves nothing"), (.movesSome, "All of its work"),
        (.replaces, "is added to it"), (.losesCancelled, "loses and doubles nothing"),
        (.doublesCancelled, "loses and doubles nothing"),
    ]

    @Test("A batcher that breaks it in one way is found out, by the rule that it breaks", arguments: flaws)
    func isFoundOut(_ flaw: Batcher.Flaw, rule: String) async throws {
        let broken = await #expect(throws: BrokenRule.self) {
            try await ChosenRules.containing(rule) { try await Self.conformance(flaw).check() }
        }
        #expect(broken?.contract == "accepted work")
        #expect(broken?.rule.contains(rule) == true, "\(String(describing: broken))")
    }

    @Test(
        "A batcher that says wrongly that its rows move, or that they do not, is found out", arguments: [true, false])
    func canMove(isPinned: Bool) async throws {
        let suite = AcceptedWorkConformance(canMove: isPinned) { (batcher: Batcher, count) in
            batcher.add(count)
        } finish: { batcher, count in
            batcher.add(-count)
        } _: { _, _ in
            (Batcher(isPinned: isPinned), Batcher(isPinned: isPinned), nil)
        }
        await #expect(throws: BrokenRule.self) {
            try await ChosenRules.containing(isPinned ? "moves nothing" : "cannot move") { try await suite.check() }
        }
    }
}

/// Rows that are not written yet.
final class Batcher: AcceptedWork {
    enum Flaw {
        case hasNoNouns, countsAdded, countsNothing, countsDrains, drainsEarly, saysDurable, ignoresCancellation
        case movesToAnybody, movesWhenAsked, movesSome, replaces, losesCancelled, doublesCancelled
    }

    private let state = Mutex((rows: 0, added: 0))
    private let isPinned: Bool
    private let flaw: Flaw?

    init(isPinned: Bool, flaw: Flaw? = nil) { (self.isPinned, self.flaw) = (isPinned, flaw) }

    var rows: Int { state.withLock { $0.rows } }

    func add(_ rows: Int) { state.withLock { $0 = ($0.rows + rows, $0.added + max(rows, 0)) } }

    var nouns: WorkNouns { WorkNouns(holder: "batcher", units: flaw == .hasNoNouns ? "" : "rows") }

    var amount: Int { state.withLock { flaw == .countsAdded ? $0.added : $0.rows } }

    var isDurable: Bool { flaw == .saysDurable }

    func drain(until deadline: Duration) async -> Int {
        while rows > 0, flaw != .drainsEarly, !Task.isCancelled { await Task.yield() }
        if flaw == .ignoresCancellation, rows > 0 { await uncancelled { try? await Task.sleep(for: .seconds(3600)) } }
        return state.withLock { state in
            if flaw == .countsDrains { state.added += 1 }
            return flaw == .countsNothing ? 0 : state.added
        }
    }

    func move(to other: any AcceptedWork) -> (@Sendable () async throws -> Void)? {
        if flaw == .movesToAnybody { return {} }
        guard let other = other as? Batcher else { return nil }
        guard !isPinned, !other.isPinned else { return nil }
        if flaw == .movesWhenAsked { moveRows(to: other) }
        return { [self] in moveRows(to: other) }
    }

    private func moveRows(to other: Batcher) {
        let rows = flaw == .movesSome ? min(rows, 10) : rows
        if flaw == .replaces { other.add(-other.rows) }
        if flaw != .doublesCancelled || !Task.isCancelled { add(-rows) }
        if flaw != .losesCancelled || !Task.isCancelled { other.add(rows) }
    }
}

private struct BatcherKind: EntryKind {
    static let name: KindName = "test.batcher"
    static let summary = "Keeps rows until they are written."

    struct Config: EntryConfig {
        let table: String
        let isPinned: Bool

        init(from fields: inout FieldReader) {
            table = fields.required("table", "The table of the rows.")
            isPinned = fields.optional("pinned", default: false, "Whether the rows cannot move.")
        }
    }

    func offers(_ entry: Entry<Config>) -> [Offer<Batcher>] { [Offer(.acceptedWork) { $0 }] }

    func build(_ entry: Entry<Config>, with context: BuildContext) -> Built<Batcher> {
        .component(Batcher(isPinned: entry.config.isPinned))
    }
}

/// A service that writes the rows of a batcher, one after another.
private struct RowWriterKind: EntryKind {
    static let name: KindName = "test.writer"
    static let summary = "Writes rows."
    static let role: ServiceRole? = .consumer

    struct Config: EntryConfig {
        let batcher: Reference<any AcceptedWork>

        init(from fields: inout FieldReader) {
            batcher = fields.reference("from", .acceptedWork, meaning: .consumes, "The batcher.")
        }
    }

    private struct Writer: ManagedService {
        let work: Link<any AcceptedWork>

        func run(ready: @escaping @Sendable () -> Void, stop: StopSignal) async throws {
            ready()
            while !stop.isFired, !Task.isCancelled {
                if let batcher = work.target as? Batcher, batcher.rows > 0 { batcher.add(-1) }
                try await Task.sleep(for: .milliseconds(1))
            }
        }
    }

    func build(_ entry: Entry<Config>, with context: BuildContext) throws -> Built<Never> {
        .service(Writer(work: try context.resolve(entry.config.batcher)))
    }
}

/// A service that runs until it is told to stop.
private struct IdleKind: EntryKind {
    typealias Config = NoConfig

    static let name: KindName = "test.idle"
    static let summary = "Runs."
    static let role: ServiceRole? = .process

    private struct Idle: ManagedService {
        func run(ready: @escaping @Sendable () -> Void, stop: StopSignal) async throws {
            ready()
            await stop.wait()
        }
    }

    func build(_ entry: Entry<NoConfig>, with context: BuildContext) -> Built<Never> { .service(Idle()) }
}

/// A service that fails at once.
private struct RefusingKind: EntryKind {
    typealias Config = NoConfig

    static let name: KindName = "test.refusing"
    static let summary = "Fails."
    static let role: ServiceRole? = .process

    private struct Refusing: ManagedService {
        func run(ready: @escaping @Sendable () -> Void, stop: StopSignal) async throws {
            throw ServiceFailure("no", isPermanent: true)
        }
    }

    func build(_ entry: Entry<NoConfig>, with context: BuildContext) -> Built<Never> { .service(Refusing()) }
}
