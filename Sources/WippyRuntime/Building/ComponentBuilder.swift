import WippyDefinition

/// Builds the entries of a plan on demand: resolving an id builds it first.
///
/// Beside a plan in force it builds what differs, and nothing of what runs changes. Used by one task, during Build
/// only; it lives no longer than that.
final class ComponentBuilder {
    private let plan: Plan
    private let environment: RuntimeEnvironment
    private let old: [EntryID: Slot]
    private let difference: PlanDifference
    /// What there is by the plan, so far.
    private var slots: [EntryID: Slot]
    private var updates: [EntryID: Update] = [:]
    private var path: [EntryID] = []
    private var failed: Set<EntryID> = []
    private var errors: [BuildError] = []
    /// What the entry that is being built was found to need so far.
    private var wiring = Wiring()

    /// Creates a builder.
    ///
    /// - Parameters:
    ///   - old: what there is, by the plan in force.
    ///   - difference: what differs from that plan.
    init(
        plan: Plan, from old: [EntryID: Slot] = [:], difference: PlanDifference? = nil, environment: RuntimeEnvironment
    ) {
        self.plan = plan
        self.environment = environment
        self.old = old
        self.difference = difference ?? PlanDifference(from: .empty, to: plan)
        slots = old
        for id in self.difference.changes.keys { slots[id] = nil }
    }

    /// Builds every entry that differs, each after what its fields name.
    ///
    /// - Returns: every entry, and how those that stay take what has changed.
    /// - Throws: what is wrong with all the entries that cannot be built.
    func buildAll() throws(BuildErrors) -> (slots: [EntryID: Slot], updates: [EntryID: Update]) {
        for id in plan.graph.order where difference.changes[id] != nil {
            // What it fails with has been noted.
            if let entry = plan[id] { _ = try? build(entry) }
        }
        guard errors.isEmpty else { throw BuildErrors(errors) }
        for entry in plan.entries {
            // It says the same in another place.
            guard let slot = slots[entry.id], slot.entry !== entry else { continue }
            slots[entry.id] = Slot(entry: entry, built: slot.built, wiring: slot.wiring)
        }
        return (slots, updates)
    }

    /// Builds some entries, each after what it needs, and nothing else.
    ///
    /// - Returns: what was built.
    func build(_ ids: [EntryID]) throws -> [EntryID: Slot] {
        for id in ids {
            if let entry = plan[id] { try build(entry) }
        }
        return slots
    }

    /// The kind of an entry of the plan.
    func kind(of id: EntryID) -> KindName? { plan[id]?.kind }

    /// Where a field of an entry names another one; nil if none does.
    func location(of user: EntryID, naming id: EntryID) -> Location? {
        plan[user]?.references.first { $0.entry == id }?.location
    }

    /// Where the value of a field of an entry stands; nil if it is not written.
    func location(of field: String, in id: EntryID) -> Location? { plan[id]?.location(of: field) }

    /// The way to an entry that no field names, as what a contract names.
    func linkInCode<Offered: Sendable>(
        to id: EntryID, as contract: Contract<Offered>, for user: EntryID
    ) throws -> Link<Offered> {
        let link = try link(to: id, as: contract, for: user)
        noteEdgeInCode(from: user, to: id, contract.meaning)
        return link
    }

    /// What an entry offers that no field names, and of which another is made.
    func partInCode<Offered: Sendable>(
        _ id: EntryID, as contract: Contract<Offered>, for user: EntryID
    ) throws -> Offered {
        let part = try find(id, as: contract, for: user).target
        noteEdgeInCode(from: user, to: id, contract.meaning)
        wiring.addPart(id)
        return part
    }

    private func noteEdgeInCode(from user: EntryID, to id: EntryID, _ meaning: ReferenceMeaning) {
        let isKnown = plan.graph.needs(of: user).contains { $0.to == id && $0.meaning == meaning }
        if !isKnown { wiring.add(DependencyGraph.Edge(from: user, to: id, meaning: meaning, field: nil)) }
    }

    /// The way to an entry as what a contract names; the entry is built first if it is not yet.
    ///
    /// It is the one that the user holds, if what was built of that goes on, or a new one.
    func link<Offered: Sendable>(
        to id: EntryID, as contract: Contract<Offered>, for user: EntryID
    ) throws -> Link<Offered> {
        let offered = try find(id, as: contract, for: user)
        if let held = wiring.link(to: id, as: contract) { return held }
        let link = Link(offered.target)
        wiring.hold(link, to: id, as: contract)
        return link
    }

    /// What an entry offers, of which another is made.
    func target<Offered: Sendable>(
        of id: EntryID, as contract: Contract<Offered>, for user: EntryID
    ) throws -> Offered {
        try find(id, as: contract, for: user).target
    }

    /// Whether an entry is not built anew.
    func goesOn<Offered: Sendable>(_ id: EntryID, as contract: Contract<Offered>, for user: EntryID) throws -> Bool {
        _ = try find(id, as: contract, for: user)
        return difference.changes[id] == nil || updates[id] != nil
    }

    private func find<Offered: Sendable>(
        _ id: EntryID, as contract: Contract<Offered>, for user: EntryID
    ) throws -> Link<Offered> {
        guard let entry = plan[id] else {
            var names = EntrySpelling(plan.entries.map(\.id))
            let help = Spelling.suggestion(names.nearest(to: id))
            throw BuildError(user, "its code names '\(id)', which is not declared\(help)")
        }
        guard let link = try build(entry).built.offered.link(as: contract) else {
            throw BuildError(
                user, "its code uses '\(id)', a \(entry.kind) (\(entry.location)), which is not \(contract.words)",
                at: location(of: user, naming: id))
        }
        return link
    }

    /// What is attached to an entry and offers a contract, in order of id.
    func attached<Offered: Sendable>(to id: EntryID, as contract: Contract<Offered>) throws -> [Attached<Offered>] {
        try plan.attached(to: id).compactMap { child in
            try build(child).built.offered.link(as: contract).map { Attached(id: child.id, offered: $0.target) }
        }
    }

    @discardableResult
    private func build(_ entry: PlannedEntry) throws -> Slot {
        if let done = slots[entry.id] { return done }
        if failed.contains(entry.id) { throw EarlierFailure() }
        guard !path.contains(entry.id) else {
            let circle = (path.drop { $0 != entry.id } + [entry.id]).map(\.description).joined(separator: " -> ")
            throw BuildError(entry.id, "building it needs itself: \(circle); break the circle")
        }
        path.append(entry.id)
        let outer = wiring
        defer {
            path.removeLast()
            wiring = outer
        }
        let result: BuiltEntry
        do {
            result = try RunningEntry(entry.id).run { try make(entry) }
            if result.service != nil, entry.role == nil {
                throw BuildError(
                    entry.id, "the kind '\(entry.kind)' has built a service and has no role for it",
                    at: entry.kindLocation)
            }
        } catch {
            note(error, of: entry)
            throw EarlierFailure()
        }
        let slot = Slot(entry: entry, built: result, wiring: wiring)
        slots[entry.id] = slot
        return slot
    }

    private func note(_ error: any Error, of entry: PlannedEntry) {
        failed.insert(entry.id)
        guard !(error is EarlierFailure) else { return }
        var error = error as? BuildError ?? BuildError(entry.id, FailureReason.text(of: error))
        if error.location == nil { error.location = plan[error.entry]?.location }
        errors.append(error)
    }

    /// Has the kind take the entry in place, or build it.
    private func make(_ entry: PlannedEntry) throws -> BuiltEntry {
        let context = BuildContext(id: entry.id, environment: environment, components: self)
        if let before = old[entry.id] {
            wiring = before.wiring.filtered { plan[$0] != nil }
            if let update = try entry.update(before.built, from: before.entry, with: context) {
                updates[entry.id] = update
                return before.built
            }
        }
        wiring = Wiring()
        return try entry.build(with: context)
    }
}

/// An entry cannot be built, and why has been noted.
private struct EarlierFailure: Error, CustomStringConvertible {
    let description = "an entry that it needs cannot be built"
}
