import WippyDefinition

extension ServiceGraph {
    /// The services of a plan, with what each must wait for.
    ///
    /// An entry without a service is walked through to the services behind it: a consumer waits for the driver of its
    /// queue.
    ///
    /// - Throws: ``ServiceGraphError`` when code made a circle that no field shows.
    init(
        plan: Plan, built: [EntryID: BuiltEntry], resolvedInCode: [EntryID: Set<EntryID>]
    ) throws(ServiceGraphError) {
        let graph = DependencyGraph(plan, resolvedInCode: resolvedInCode)
        var behind: [EntryID: Set<EntryID>] = [:]
        for id in graph.order {
            behind[id] = graph.needs(of: id).reduce(into: []) { found, need in
                if built[need]?.service != nil {
                    found.insert(need)
                } else {
                    found.formUnion(behind[need] ?? [])
                }
            }
        }
        try self.init(
            plan.entries.compactMap { entry in
                guard let service = built[entry.id]?.service, let role = entry.role else { return nil }
                return SupervisedService(
                    id: entry.id, role: role, policy: entry.policy,
                    dependencies: Self.dependencies(of: entry, implied: behind[entry.id] ?? []), service: service)
            })
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
