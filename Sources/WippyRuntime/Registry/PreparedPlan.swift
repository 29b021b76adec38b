import WippyDefinition

/// A plan that has been built beside the one in force.
struct PreparedPlan: Sendable {
    let plan: Plan

    /// What differs from the plan in force.
    let difference: PlanDifference

    /// What there is by the plan in force.
    let before: [EntryID: Slot]

    /// What there is when this plan is in force.
    let slots: [EntryID: Slot]

    /// The services of this plan.
    let services: ServiceGraph

    private let updates: [EntryID: Update]

    /// What goes on and holds links to what does not.
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
        let keepsServices = difference.changes.keys.allSatisfy { id in
            guard let old = before[id], let new = slots[id] else { return false }
            return new.takesPlace(of: old, inPlace: updates[id] != nil)
        }
        services = keepsServices ? old : try ServiceGraph(plan, slots)
        let exchanged = Set(difference.changes.keys.filter { updates[$0] == nil && slots[$0] != nil })
        rewired = slots.filter { !exchanged.contains($0.key) && $0.value.wiring.leads(to: exchanged) }.keys.sorted()
    }

    /// Whether what runs for an entry goes on, as it is or with a new configuration.
    func keeps(_ id: EntryID) -> Bool {
        slots[id] != nil && (difference.changes[id] == nil || updates[id] != nil)
    }

    /// Whether code of an entry, or what it calls, uses data that are others from now on: their entry is built anew.
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

    /// The queues that would be lost with all that they hold.
    var lostQueues: [(id: EntryID, queue: Link<any MessageQueue>)] {
        exchanged.compactMap { id in before[id]?.queue.map { (id, $0) } }
    }

    /// The queues that are made anew and can hand what they hold to those that take their places.
    var movingQueues: [(id: EntryID, from: any MovableQueue, to: any MovableQueue)] {
        exchanged.compactMap { id in
            guard let old = before[id]?.queue?.target.movable, let new = slots[id]?.queue?.target.movable else {
                return nil
            }
            return (id, old, new)
        }
    }

    /// The queues that there are only while this plan is in force.
    var broughtQueues: [(id: EntryID, queue: Link<any MessageQueue>)] {
        exchanged.compactMap { id in slots[id]?.queue.map { (id, $0) } }
    }

    /// The entries of which nothing goes on, in order.
    private var exchanged: [EntryID] { difference.changes.keys.filter { !keeps($0) }.sorted() }

    /// Points the links of all that goes on at what was built, one after another without a wait, and has what stays
    /// take its new configuration.
    func apply() {
        for id in rewired { slots[id]?.wiring.lead(to: slots) }
        for (_, update) in updates.sorted(by: { $0.key < $1.key }) { update.apply() }
    }

    /// Has everything be as it was.
    func takeBack() {
        for (_, update) in updates.sorted(by: { $0.key > $1.key }) { update.takeBack() }
        for id in rewired { before[id]?.wiring.lead(to: before) }
    }
}
