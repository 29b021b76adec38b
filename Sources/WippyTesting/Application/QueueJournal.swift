import Synchronization
import WippyDefinition
import WippyQueue
import WippyRuntime
import WippySQL
import WippySQLQueue

/// What happens to the queues of an application under test.
final class QueueJournal: Sendable {
    private struct State {
        var accepted: [EntryID: [Message]] = [:]
        var acceptedCount = 0
        var drains = 0
    }

    private let state = Mutex(State())

    /// How many messages all queues have accepted.
    var acceptedCount: Int { state.withLock { $0.acceptedCount } }

    /// Whether somebody waits for a queue to be drained.
    var hasDrains: Bool { state.withLock { $0.drains > 0 } }

    /// The messages that a queue has accepted, oldest first.
    func accepted(by queue: EntryID) -> [Message] { state.withLock { $0.accepted[queue] ?? [] } }

    /// Notes that a queue has accepted a message.
    func note(_ message: Message, acceptedBy queue: EntryID) {
        state.withLock { state in
            state.accepted[queue, default: []].append(message)
            state.acceptedCount += 1
        }
    }

    /// Notes that a drain is waited for while `body` runs.
    func noteDrain<Result>(_ body: () async -> Result) async -> Result {
        state.withLock { $0.drains += 1 }
        defer { state.withLock { $0.drains -= 1 } }
        return await body()
    }

    /// The kinds of a program, its queues such that what happens to them is noted here.
    func kinds(of program: [any EntryKind]) -> [any EntryKind] {
        program.map { kind in (kind as? QueueKind).map { JournaledQueueKind(kind: $0, journal: self) } ?? kind }
    }
}

/// `queue.queue`, whose queues are journaled; all else is as the kind itself has it.
private struct JournaledQueueKind: EntryKind {
    static let name = QueueKind.name
    static let summary = QueueKind.summary
    static let whenChanged = QueueKind.whenChanged

    typealias Config = QueueKind.Config

    let kind: QueueKind
    let journal: QueueJournal

    func mistakes(in program: Program) -> [String] { kind.mistakes(in: program) }

    func config(from fields: inout FieldReader, in program: Program) -> Config {
        kind.config(from: &fields, in: program)
    }

    func offers(_ entry: Entry<Config>) -> [Offer<any MessageQueue>] { kind.offers(entry) }

    func check(_ entry: Entry<Config>, in plan: CheckContext) -> [Diagnostic] { kind.check(entry, in: plan) }

    func check(all entries: [Entry<Config>], in plan: CheckContext) -> [Diagnostic] {
        kind.check(all: entries, in: plan)
    }

    func build(_ entry: Entry<Config>, with context: BuildContext) throws -> Built<any MessageQueue> {
        let built = try kind.build(entry, with: context)
        guard let queue = built.component else { return built }
        return .component(JournaledQueue(queue: queue, id: entry.id, journal: journal))
    }

    func update(
        _ built: Built<any MessageQueue>, from old: Entry<Config>, to entry: Entry<Config>, with context: BuildContext
    ) throws -> Update? {
        guard let journaled = built.component as? JournaledQueue else { return nil }
        return try kind.update(.component(journaled.queue), from: old, to: entry, with: context)
    }
}

/// A queue of which a journal is kept.
private struct JournaledQueue: TransactionalQueue, QueueBeforeStore {
    let queue: any MessageQueue
    let id: EntryID
    let journal: QueueJournal

    func publish(_ message: Message) async throws {
        try await queue.publish(message)
        journal.note(message, acceptedBy: id)
    }

    func publish(_ message: Message, in transaction: any QueueTransaction) async throws {
        guard let queue = queue as? any TransactionalQueue else { throw WippyError.notTransactional }
        try await queue.publish(message, in: transaction)
        transaction.onEnd { [id, journal] isKept in if isKept { journal.note(message, acceptedBy: id) } }
    }

    func subscribe(prefetch: Int) async throws -> any MessageSubscription {
        try await queue.subscribe(prefetch: prefetch)
    }

    func drain(until deadline: Duration) async -> Int {
        await journal.noteDrain { await queue.drain(until: deadline) }
    }

    var count: MessageCount { get async throws { try await queue.count } }

    var info: QueueInfo { get async throws { try await queue.info } }

    var movable: (any MovableQueue)? { queue.movable }

    var scheduleStoreBehind: (any ScheduleStore)? {
        queue.scheduleStore.map { JournaledStore(store: $0, id: id, journal: journal) }
    }
}

/// Where a journaled queue keeps how far schedules have come.
private struct JournaledStore: ScheduleStore {
    let store: any ScheduleStore
    let id: EntryID
    let journal: QueueJournal

    func mark(of schedule: EntryID) async throws -> ScheduleMark? { try await store.mark(of: schedule) }

    func move(
        _ schedule: EntryID, from old: ScheduleMark?, to new: ScheduleMark, publishing message: Message?
    ) async throws -> Bool {
        let isMoved = try await store.move(schedule, from: old, to: new, publishing: message)
        if isMoved, let message { journal.note(message, acceptedBy: id) }
        return isMoved
    }
}
