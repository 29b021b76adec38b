import WippyDefinition

extension ServiceGraph {
    /// The services of a plan, with what each must wait for and what it does to queues.
    ///
    /// An entry without a service is walked through to what stands behind it: a consumer waits for the driver of its
    /// queue, and a server publishes what the functions of its endpoints publish.
    ///
    /// - Throws: ``ServiceGraphError`` when code made a circle that no field shows.
    init(
        plan: Plan, built: [EntryID: BuiltEntry], resolvedInCode: [EntryID: [EntryID: ReferenceMeaning]]
    ) throws(ServiceGraphError) {
        let graph = DependencyGraph(plan, resolvedInCode: resolvedInCode)
        var footings: [EntryID: Footing] = [:]
        for id in graph.order {
            footings[id] = graph.needs(of: id).reduce(into: Footing()) { footing, edge in
                footing.add(edge, isService: built[edge.to]?.service != nil, footings[edge.to] ?? Footing())
            }
        }
        var queues: [EntryID: Link<any MessageQueue>] = [:]
        var services: [SupervisedService] = []
        for entry in plan.entries {
            guard let service = built[entry.id]?.service, let role = entry.role else { continue }
            let footing = footings[entry.id] ?? Footing()
            services.append(
                SupervisedService(
                    id: entry.id, role: role, policy: entry.policy,
                    dependencies: Self.dependencies(of: entry, implied: footing.services),
                    publishes: footing.publishes, consumes: footing.consumes, service: service))
            for id in footing.consumes {
                queues[id] = built[id]?.links[Contract<any MessageQueue>.queue.erased] as? Link<any MessageQueue>
            }
        }
        try self.init(services, queues: queues)
    }

    /// What an entry requires in so many words, and what its references imply.
    private static func dependencies(of entry: PlannedEntry, implied: Set<EntryID>) -> [Requirement] {
        var conditions = Dictionary(uniqueKeysWithValues: implied.map { ($0, Requirement.Condition.ready) })
        for requirement in entry.policy.requirements where conditions[requirement.id] != .completed {
            conditions[requirement.id] = requirement.condition
        }
        conditions[entry.id] = nil
        return conditions.map { Requirement(id: $0.key, condition: $0.value) }.sorted { $0.id < $1.id }
    }
}

/// What an entry stands on, itself and through entries without a service.
private struct Footing {
    /// The services that must be there first.
    var services: Set<EntryID> = []

    /// The queues that messages are put into.
    var publishes: Set<EntryID> = []

    /// The queues that messages are taken from.
    var consumes: Set<EntryID> = []

    /// Adds what an edge leads to, and what that stands on.
    mutating func add(_ edge: DependencyGraph.Edge, isService: Bool, _ other: Footing) {
        if isService {
            services.insert(edge.to)
        } else {
            services.formUnion(other.services)
        }
        switch edge.meaning {
        case .publishes:
            // Where the queue's own dead letters go is decided when its consumers settle, not when one publishes.
            publishes.insert(edge.to)
        case .consumes:
            consumes.insert(edge.to)
            publishes.formUnion(other.publishes)
        case .calls, .accesses, .belongsTo, .startsAfter:
            guard !isService else { return }
            publishes.formUnion(other.publishes)
            consumes.formUnion(other.consumes)
        }
    }
}
