import WippyDefinition

/// Builds the entries of a plan on demand.
///
/// An entry that another one resolves is built first.
///
/// While an application runs, the builder builds the changed entries beside the running ones, and changes nothing that
/// runs. One task uses the builder, for one build only.
final class ComponentBuilder {
    private let plan: Plan
    private let environment: RuntimeEnvironment
    private let old: [EntryID: Slot]
    private let difference: PlanDifference
    /// The slots of the new plan, as far as they are built.
    private var slots: [EntryID: Slot]
    private var updates: [EntryID: Update] = [:]
    private var path: [EntryID] = []
    private var failed: Set<EntryID> = []
    private var errors: [BuildError] = []
    /// The links and edges of the entry that is being built, so far.
    private var wiring = Wiring()

    /// Creates a builder.
    ///
    /// - Parameters:
    ///   - old: the slots of the plan in force.
    ///   - difference: the changes from that plan to the new one; nil if no plan is in force.
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

    /// Builds every changed entry, each after the entries that its fields name.
    ///
    /// - Returns: the slots of all entries, and the updates of those that change in place.
    /// - Throws: the errors of all entries that cannot be built.
    func buildAll() throws(BuildErrors) -> (slots: [EntryID: Slot], updates: [EntryID: Update]) {
        for id in plan.graph.order where difference.changes[id] != nil {
            // The error has been noted.
            if let entry = plan[id] { _ = try? build(entry) }
        }
        guard errors.isEmpty else { throw BuildErrors(errors) }
        for entry in plan.entries {
            // Only its places in the definition files are different.
            guard let slot = slots[entry.id], slot.entry !== entry else { continue }
            slots[entry.id] = Slot(entry: entry, built: slot.built, wiring: slot.wiring)
        }
        return (slots, updates)
    }

    /// Builds some entries and the entries that they need.
    ///
    /// - Returns: the slots of all these entries.
    /// - Throws: the errors of all entries that cannot be built.
    func build(_ ids: [EntryID]) throws(BuildErrors) -> [EntryID: Slot] {
        for id in ids {
            // The error has been noted.
            if let entry = plan[id] { _ = try? build(entry) }
        }
        guard errors.isEmpty else { throw BuildErrors(errors) }
        return slots
    }

    /// Returns the kind of an entry of the plan.
    func kind(of id: EntryID) -> KindName? { plan[id]?.kind }

    /// Returns the place where a field of an entry names another entry; nil if no field names it.
    func location(of user: EntryID, naming id: EntryID) -> Location? {
        plan[user]?.references.first { $0.entry == id }?.location
    }

    /// Returns the place of a field's value; nil if the field is not written.
    func location(of field: String, in id: EntryID) -> Location? { plan[id]?.location(of: field) }

    /// Returns the link to an entry that code names, and notes the edge.
    func linkInCode<Offered: Sendable>(
        to id: EntryID, as contract: Contract<Offered>, for user: EntryID
    ) throws -> Link<Offered> {
        let link = try link(to: id, as: contract, for: user)
        noteEdgeInCode(from: user, to: id, contract.meaning)
        return link
    }

    /// Returns the component of an entry that code names, and notes the edge and the base.
    func baseInCode<Offered: Sendable>(
        _ id: EntryID, as contract: Contract<Offered>, for user: EntryID
    ) throws -> Offered {
        let base = try find(id, as: contract, for: user).target
        noteEdgeInCode(from: user, to: id, contract.meaning)
        wiring.addBase(id)
        return base
    }

    /// Returns the component of an entry in the plan in force; nil if the entry is new, had another kind, or spells a
    /// text in another way.
    ///
    /// The entry that is being built shares the links of that component from now on.
    func componentInForce<Offered: Sendable>(of id: EntryID, as contract: Contract<Offered>) -> Offered? {
        guard let before = old[id], let entry = plan[id], entry.kind == before.entry.kind,
            !entry.spellsOtherwise(than: before.entry), let component = before.built.own(as: contract)
        else { return nil }
        wiring.share(before.wiring.filtered { plan[$0] != nil })
        return component
    }

    private func noteEdgeInCode(from user: EntryID, to id: EntryID, _ meaning: ReferenceMeaning) {
        let isKnown = plan.graph.needs(of: user).contains { $0.to == id && $0.meaning == meaning }
        if !isKnown { wiring.add(DependencyGraph.Edge(from: user, to: id, meaning: meaning, field: nil)) }
    }

    /// Returns a link to an entry.
    ///
    /// That entry is built first if necessary.
    ///
    /// If the user keeps running, this is the link that the user already holds.
    func link<Offered: Sendable>(
        to id: EntryID, as contract: Contract<Offered>, for user: EntryID
    ) throws -> Link<Offered> {
        let offered = try find(id, as: contract, for: user)
        if let held = wiring.link(to: id, as: contract) { return held }
        let link = Link(offered.target)
        wiring.hold(link, to: id, as: contract)
        return link
    }

    /// Returns the component of an entry on which another is built.
    func target<Offered: Sendable>(
        of id: EntryID, as contract: Contract<Offered>, for user: EntryID
    ) throws -> Offered {
        try find(id, as: contract, for: user).target
    }

    /// Returns true if an entry keeps running, unchanged or updated in place.
    func goesOn<Offered: Sendable>(_ id: EntryID, as contract: Contract<Offered>, for user: EntryID) throws -> Bool {
        _ = try find(id, as: contract, for: user)
        return difference.changes[id] == nil || updates[id] != nil
    }

    private func find<Offered: Sendable>(
        _ id: EntryID, as contract: Contract<Offered>, for user: EntryID
    ) throws -> Link<Offered> {
        guard let entry = plan[id] else {
            var names = EntrySpelling(plan.entries.map(\.id))
            let nearest = names.nearest(to: id)
            throw BuildError(
                user, "its code names '\(id)', which is not declared\(Spelling.suggestion(nearest))",
                suggestion: nearest?.description)
        }
        guard let link = try build(entry).built.offered.link(as: contract) else {
            throw BuildError(
                user,
                "its code uses '\(id)' of the kind \(entry.kind) (\(entry.location)), which is not \(contract.words)",
                at: location(of: user, naming: id), related: [entry.location])
        }
        return link
    }

    /// Returns the entries that are attached to an entry and offer a contract, in order of id.
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
            let cycle = (path.drop { $0 != entry.id } + [entry.id]).map(\.description).joined(separator: " -> ")
            throw BuildError(entry.id, "the entry uses itself while it is built: \(cycle); remove one of these uses")
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
                    entry.id, "the kind '\(entry.kind)' has built a service, but declares no role for it",
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

    /// Has the kind update the entry in place if it can; otherwise has it build the entry.
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

/// The error for an entry that cannot be built because another entry failed before.
///
/// That error has been noted.
struct EarlierFailure: Error, CustomStringConvertible {
    let description = "an entry that it needs cannot be built"
}
