import WippyDefinition

extension ServiceGraph {
    /// The services of a plan, with what each must wait for and what it does to queues.
    ///
    /// An entry without a service is walked through to what stands behind it: a consumer waits for the driver of its
    /// queue, and a server publishes what the functions of its endpoints publish.
    ///
    /// - Parameter slots: what was built of the plan's entries, with what only their code says.
    /// - Throws: the circles that code made and no field shows, and what entries require although nothing runs for it.
    init(_ plan: Plan, _ slots: [EntryID: Slot]) throws(BuildErrors) {
        let graph = plan.graph.adding(plan.entries.flatMap { slots[$0.id]?.wiring.edgesInCode ?? [] })
        let isService = { (id: EntryID) in slots[id]?.built.service != nil }
        let errors =
            graph.circles.map { circle in
                BuildError(circle.entry, plan.sentence(about: circle), at: plan.location(of: circle.edges[0]))
            }
            + plan.entries.filter { isService($0.id) }.flatMap { Self.missingRequirements(of: $0, isService) }
        guard errors.isEmpty else { throw BuildErrors(errors) }
        var queues: [EntryID: Link<any MessageQueue>] = [:]
        var services: [SupervisedService] = []
        for entry in graph.order.compactMap({ plan[$0] }) {
            guard let service = slots[entry.id]?.built.service, let role = entry.role else { continue }
            let footing = Footing(of: entry.id, in: graph, isService: isService)
            services.append(
                SupervisedService(
                    id: entry.id, role: role, policy: entry.policy,
                    dependencies: Self.dependencies(of: entry, implied: footing.services),
                    publishes: footing.publishes, consumes: footing.consumes, service: service))
            for id in footing.consumes {
                queues[id] = slots[id]?.queue
            }
        }
        do {
            try self.init(services, queues: queues)
        } catch {
            throw BuildErrors([error])
        }
    }

    /// That the kinds of what an entry requires have services was checked; a kind may have built none.
    private static func missingRequirements(
        of entry: PlannedEntry, _ isService: (EntryID) -> Bool
    ) -> [BuildError] {
        entry.policy.requirements.filter { !isService($0.id) }.map { requirement in
            let use = entry.references.first { $0.isRequirement && $0.entry == requirement.id }
            return BuildError(
                entry.id, "'\(use?.field ?? "lifecycle.requires")' names '\(requirement.id)', for which nothing runs",
                at: use?.location)
        }
    }

    /// What an entry's `requires` names, and what its references imply.
    private static func dependencies(of entry: PlannedEntry, implied: Set<EntryID>) -> [Requirement] {
        var conditions = Dictionary(uniqueKeysWithValues: implied.map { ($0, Requirement.Condition.ready) })
        for requirement in entry.policy.requirements where conditions[requirement.id] != .completed {
            conditions[requirement.id] = requirement.condition
        }
        return conditions.map { Requirement(id: $0.key, condition: $0.value) }.sorted { $0.id < $1.id }
    }
}

/// What an entry stands on, itself and through entries without a service.
private struct Footing {
    /// The services that must be there first.
    private(set) var services: Set<EntryID> = []

    /// The queues that messages are put into.
    private(set) var publishes: Set<EntryID> = []

    /// The queues that messages are taken from.
    private(set) var consumes: Set<EntryID> = []

    /// Walks from an entry along all that it needs, up to the services.
    init(of id: EntryID, in graph: DependencyGraph, isService: (EntryID) -> Bool) {
        var seen: Set<Step> = []
        var pending = [Step(entry: id, isOwn: true, isNeeded: true)]
        while let step = pending.popLast() {
            let needs = graph.needs(of: step.entry).map { (edge: $0, isNeed: step.isNeeded) }
            let mentions = graph.mentions(of: step.entry).map { (edge: $0, isNeed: false) }
            for (edge, isNeed) in needs + mentions {
                if step.isOwn { note(edge) }
                if isService(edge.to) {
                    if isNeed { services.insert(edge.to) }
                } else {
                    let isOwn = step.isOwn && edge.meaning != .publishes
                    let next = Step(entry: edge.to, isOwn: isOwn, isNeeded: isNeed)
                    if seen.insert(next).inserted { pending.append(next) }
                }
            }
        }
    }

    private mutating func note(_ edge: DependencyGraph.Edge) {
        switch edge.meaning {
        case .publishes: publishes.insert(edge.to)
        case .consumes: consumes.insert(edge.to)
        case .calls, .accesses, .belongsTo, .startsAfter: break
        }
    }

    /// An entry on the way.
    private struct Step: Hashable {
        let entry: EntryID

        /// Whether what it does to queues counts: where a queue's dead letters go is decided when its consumers settle,
        /// and not when somebody publishes to it.
        let isOwn: Bool

        /// Whether it must be there first: what code merely names need not be.
        let isNeeded: Bool
    }
}
