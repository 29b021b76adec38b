import WippyDefinition

extension ServiceGraph {
    /// Creates the graph of a plan's services, with their dependencies and their uses of queues.
    ///
    /// An entry without a service stands for the services that it needs. For example, a consumer waits for the driver
    /// of its queue. Likewise, a server publishes to the queues to which the functions of its endpoints publish.
    ///
    /// - Parameter slots: the built entries, with the edges that only their code shows.
    /// - Throws: the errors for cycles through edges in code, and for requirements on entries without a service.
    init(_ plan: Plan, _ slots: [EntryID: Slot]) throws(BuildErrors) {
        let graph = plan.graph.adding(plan.entries.flatMap { slots[$0.id]?.wiring.edgesInCode ?? [] })
        let isService = { (id: EntryID) in slots[id]?.built.service != nil }
        let errors =
            graph.cycles.map { cycle in
                BuildError(cycle.entry, plan.sentence(about: cycle), at: plan.location(of: cycle.edges[0]))
            }
            + plan.entries.filter { isService($0.id) }.flatMap { Self.missingRequirements(of: $0, isService) }
        guard errors.isEmpty else { throw BuildErrors(errors) }
        var work: [EntryID: any AcceptedWork] = [:]
        var services: [SupervisedService] = []
        for entry in graph.order.compactMap({ plan[$0] }) {
            guard let service = slots[entry.id]?.built.service, let role = entry.role else { continue }
            let needs = EntryNeeds(of: entry.id, in: graph, isService: isService)
            services.append(
                SupervisedService(
                    id: entry.id, role: role, policy: entry.policy,
                    dependencies: Self.dependencies(of: entry, implied: needs.services),
                    publishes: needs.publishes, consumes: needs.consumes, service: service))
            for id in needs.consumes {
                work[id] = slots[id]?.work
            }
        }
        do {
            try self.init(services, work: work)
        } catch {
            throw BuildErrors([error])
        }
    }

    /// Returns the errors about required entries without a service.
    ///
    /// The check of the plan has ensured that their kinds have services. But a kind may build an entry without a
    /// service.
    private static func missingRequirements(
        of entry: PlannedEntry, _ isService: (EntryID) -> Bool
    ) -> [BuildError] {
        entry.policy.requirements.filter { !isService($0.id) }.map { requirement in
            let use = entry.requirementUses.first { $0.entry == requirement.id }
            return BuildError(
                entry.id,
                "'\(use?.field ?? LifecyclePolicy.requirementsField)' names '\(requirement.id)', which has no service",
                at: use?.location)
        }
    }

    /// Returns the services that an entry waits for: those in its `requires`, and those that its references imply.
    private static func dependencies(of entry: PlannedEntry, implied: Set<EntryID>) -> [Requirement] {
        var conditions = Dictionary(uniqueKeysWithValues: implied.map { ($0, Requirement.Condition.ready) })
        for requirement in entry.policy.requirements where conditions[requirement.id] != .completed {
            conditions[requirement.id] = requirement.condition
        }
        return conditions.map { Requirement(id: $0.key, condition: $0.value) }.sorted { $0.id < $1.id }
    }
}

/// The services and queues that an entry needs, directly and through entries without a service.
private struct EntryNeeds {
    /// The services that must be ready first.
    private(set) var services: Set<EntryID> = []

    /// The queues to which the entry publishes.
    private(set) var publishes: Set<EntryID> = []

    /// The queues from which the entry takes work.
    private(set) var consumes: Set<EntryID> = []

    /// Walks from an entry along its needs, up to the nearest services.
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

    /// An entry on the walk.
    private struct Step: Hashable {
        let entry: EntryID

        /// True if the entry's edges to queues count.
        ///
        /// They do not count behind a queue to which the entry publishes. A message moves to the queue for dead letters
        /// when a consumer settles it, and not when it is published.
        let isOwn: Bool

        /// True if the entry must be ready first.
        ///
        /// An entry that code only mentions need not be ready.
        let isNeeded: Bool
    }
}
