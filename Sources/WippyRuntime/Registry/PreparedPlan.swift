import Synchronization
import WippyDefinition

/// A plan that has been built beside the plan in force.
struct PreparedPlan: Sendable {
    let plan: Plan

    /// The differences from the plan in force.
    let difference: PlanDifference

    /// The slots of the plan in force.
    let before: [EntryID: Slot]

    /// The slots of this plan.
    let slots: [EntryID: Slot]

    /// The services of this plan.
    let services: ServiceGraph

    private let updates: [EntryID: Update]
    /// The preparations of the updates that have one.
    private let preparations: [EntryID: Preparation]

    /// The entries that keep running, or share links with the entries that they replace, and hold links to entries that
    /// do not keep running.
    private let rewired: [EntryID]

    init(
        plan: Plan, difference: PlanDifference, before: [EntryID: Slot], slots: [EntryID: Slot],
        updates: [EntryID: Update], services old: ServiceGraph
    ) throws(BuildErrors) {
        self.plan = plan
        self.difference = difference
        self.before = before
        self.slots = slots
        self.updates = updates
        preparations = updates.compactMapValues { Preparation(of: $0) }
        let keepsServices = difference.changes.keys.allSatisfy { id in
            guard let old = before[id], let new = slots[id] else { return false }
            return new.takesPlace(of: old, inPlace: updates[id] != nil)
        }
        services = keepsServices ? old : try ServiceGraph(plan, slots)
        let exchanged = Set(difference.changes.keys.filter { updates[$0] == nil && slots[$0] != nil })
        rewired = slots.filter { id, slot in
            (!exchanged.contains(id) || slot.wiring.sharesLinks) && slot.wiring.leads(to: exchanged)
        }.keys.sorted()
    }

    /// Returns true if an entry's component and service keep running, unchanged or with a new config.
    func keeps(_ id: EntryID) -> Bool {
        slots[id] != nil && (difference.changes[id] == nil || updates[id] != nil)
    }

    /// Returns true if the code of an entry, or a function that it calls, uses data of an entry that is built anew.
    func usesOtherData(_ id: EntryID) -> Bool {
        var seen: Set<EntryID> = [id]
        var pending = [id]
        while let user = pending.popLast() {
            for edge in plan.graph.needs(of: user) + (slots[user]?.wiring.edgesInCode ?? []) {
                switch edge.meaning {
                case .accesses: if !keeps(edge.to) { return true }
                case .calls: if seen.insert(edge.to).inserted { pending.append(edge.to) }
                case .publishes, .consumes, .belongsTo, .startsAfter: break
                }
            }
        }
        return false
    }

    /// The work of the entries that do not keep running, which would be lost with them.
    var oldWork: [(id: EntryID, work: any AcceptedWork)] {
        exchanged.compactMap { id in before[id]?.work.map { (id, $0) } }
    }

    /// The work of the entries that exist only while this plan is in force.
    var newWork: [(id: EntryID, work: any AcceptedWork)] {
        exchanged.compactMap { id in slots[id]?.work.map { (id, $0) } }
    }

    /// The moves of work to the entries that replace those that had it.
    var workMoves: [WorkMove] {
        exchanged.compactMap { id in
            guard let old = before[id]?.work, let new = slots[id]?.work else { return nil }
            return WorkMove(of: id, from: old, to: new)
        }
    }

    /// The entries that do not keep running, in order of id.
    private var exchanged: [EntryID] { difference.changes.keys.filter { !keeps($0) }.sorted() }

    /// The longest time for which a reload waits for the preparation of one update.
    static let preparationLimit = Duration.seconds(30)

    /// Prepares the updates of the entries that change in place, all at once.
    ///
    /// Every preparation is waited for, also when another one has failed. Only a preparation that goes on although it
    /// was cancelled is not waited for.
    ///
    /// - Returns: the reasons why entries cannot change, in order of id; nil if all can.
    func prepareUpdates(by clock: any RuntimeClock) async -> String? {
        let reasons = await withTaskGroup(of: (EntryID, String)?.self) { group in
            for (id, preparation) in preparations {
                group.addTask {
                    await Self.reason(whyNot: preparation, by: clock).map { (id, $0) }
                }
            }
            var reasons: [EntryID: String] = [:]
            for await case (let id, let reason)? in group { reasons[id] = reason }
            return reasons
        }
        guard !reasons.isEmpty else { return nil }
        return reasons.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }.joined(separator: "; ")
    }

    /// Calls the preparation of one update.
    ///
    /// - Returns: the reason why it has failed; nil if it has not.
    private static func reason(
        whyNot preparation: Preparation, by clock: any RuntimeClock
    ) async -> String? {
        preparation.begin()
        do {
            try await clock.within(preparationLimit, abandoningAfter: SupervisorState.grace) { isAbandoned in
                let rest = isAbandoned ? ", and its preparation goes on although it was cancelled" : ""
                return WippyError(
                    .timeout, "it could not change within \(preparationLimit.written)\(rest)", isRetryable: true)
            } _: {
                try await preparation.run()
            }
            return nil
        } catch {
            return FailureReason.text(of: error)
        }
    }

    /// Ends the updates, whether or not they were applied.
    ///
    /// An update whose preparation still runs ends when that returns.
    func finishUpdates() {
        for (id, update) in updates.sorted(by: { $0.key < $1.key }) {
            if let preparation = preparations[id] { preparation.finish() } else { update.finish() }
        }
    }

    /// Points the links of entries that keep running, and shared links, at the new components, one after another
    /// without a wait.
    ///
    /// Applies the updates of the entries that change in place.
    func apply() {
        for id in rewired { slots[id]?.wiring.lead(to: slots) }
        for (_, update) in updates.sorted(by: { $0.key < $1.key }) { update.apply() }
    }

    /// Undoes ``apply()``.
    func takeBack() {
        for (_, update) in updates.sorted(by: { $0.key > $1.key }) { update.takeBack() }
        for id in rewired { before[id]?.wiring.lead(to: before) }
    }
}

/// The preparation of an update, and the end of the update, which comes after it.
private final class Preparation: Sendable {
    private struct State {
        var isRunning = false
        var isOver = false
    }

    private let prepare: @Sendable () async throws -> Void
    private let end: @Sendable () -> Void
    private let state = Mutex(State())

    /// Returns nil if the update needs no preparation.
    init?(of update: Update) {
        guard let prepare = update.prepare else { return nil }
        (self.prepare, end) = (prepare, update.finish)
    }

    /// Notes that ``run()`` will be called.
    func begin() { state.withLock { $0.isRunning = true } }

    /// Prepares the update, and ends it if nobody has waited for this.
    func run() async throws {
        defer {
            let isOver = state.withLock { state in
                state.isRunning = false
                return state.isOver
            }
            if isOver { end() }
        }
        try await prepare()
    }

    /// Ends the update, now or when ``run()`` returns.
    func finish() {
        let isRunning = state.withLock { state in
            state.isOver = true
            return state.isRunning
        }
        if !isRunning { end() }
    }
}

/// The move of an entry's accepted work to the entry that replaces it.
struct WorkMove: Sendable {
    let id: EntryID
    let nouns: WorkNouns

    /// Moves the work to the new entry.
    let forth: @Sendable () async throws -> Void

    /// Moves the work to the old entry.
    let back: @Sendable () async throws -> Void

    /// The work and its entry, as the subject of a sentence.
    var subject: String { "the \(nouns.units) of the \(nouns.holder) \(id)" }

    /// Prepares the move; nil if the work cannot move in both directions.
    init?(of id: EntryID, from old: any AcceptedWork, to new: any AcceptedWork) {
        guard let forth = old.move(to: new), let back = new.move(to: old) else { return nil }
        (self.id, self.nouns, self.forth, self.back) = (id, old.nouns, forth, back)
    }
}
