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

    /// The links that are to lead elsewhere, with copies of where they lead now and of where they are to lead.
    private let redirections: [Redirection]

    private struct Redirection: Sendable {
        let link: any AnyLink
        let before: any AnyLink
        let after: any AnyLink
    }

    init(
        plan: Plan, difference: PlanDifference, before: [EntryID: Slot], slots: [EntryID: Slot],
        updates: [EntryID: Update]
    ) throws(BuildError) {
        self.plan = plan
        self.difference = difference
        self.before = before
        self.slots = slots
        self.updates = updates
        services = try ServiceGraph(plan, slots)
        redirections = difference.changes.keys.filter { updates[$0] == nil }.sorted().flatMap { id -> [Redirection] in
            guard let built = slots[id]?.built, let old = before[id]?.built else { return [] }
            return old.links.compactMap { contract, link in
                built.targets[contract].map { Redirection(link: link, before: link.copy(), after: $0) }
            }
        }
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
            for edge in plan.graph.needs(of: user) + (slots[user]?.edgesInCode ?? []) {
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
        exchanged.compactMap { id in before[id]?.queue.map { (id, Link($0.target)) } }
    }

    /// The queues that there are only while this plan is in force.
    var broughtQueues: [(id: EntryID, queue: Link<any MessageQueue>)] {
        exchanged.compactMap { id in slots[id]?.built.targets.link(as: .queue).map { (id, $0) } }
    }

    /// The entries of which nothing goes on, in order.
    private var exchanged: [EntryID] { difference.changes.keys.filter { !keeps($0) }.sorted() }

    /// Points every link at what was built, one after another without a wait, and has what stays take its new
    /// configuration.
    func apply() {
        for redirection in redirections { redirection.link.lead(whereLeads: redirection.after) }
        for (_, update) in updates.sorted(by: { $0.key < $1.key }) { update.apply() }
    }

    /// Has everything be as it was.
    func takeBack() {
        for update in updates.values { update.takeBack() }
        for redirection in redirections { redirection.link.lead(whereLeads: redirection.before) }
    }
}
