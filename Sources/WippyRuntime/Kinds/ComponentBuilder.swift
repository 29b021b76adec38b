import WippyDefinition

/// Builds the entries of a plan on demand: resolving an id builds it first.
///
/// Used by one task, during Build only; it lives no longer than that.
final class ComponentBuilder {
    private let plan: Plan
    private let environment: RuntimeEnvironment
    private var built: [EntryID: BuiltEntry] = [:]
    private var path: [EntryID] = []

    /// What entries were found to need when they were built although no field names it.
    private(set) var edgesInCode: [DependencyGraph.Edge] = []

    init(plan: Plan, environment: RuntimeEnvironment) {
        self.plan = plan
        self.environment = environment
    }

    /// Builds every entry, each after what its fields name.
    func buildAll() throws -> [EntryID: BuiltEntry] {
        for entry in plan.graph.order.compactMap({ plan[$0] }) { try build(entry) }
        return built
    }

    /// The way to an entry that no field names, as what a contract names.
    func linkInCode<Offered>(
        to id: EntryID, as contract: Contract<Offered>, for user: EntryID
    ) throws -> Link<Offered> {
        let link = try link(to: id, as: contract, for: user)
        let isKnown = plan.graph.needs(of: user).contains { $0.to == id && $0.meaning == contract.meaning }
        if !isKnown, let place = plan[user]?.location {
            edgesInCode.append(
                DependencyGraph.Edge(from: user, to: id, meaning: contract.meaning, field: "handler", location: place))
        }
        return link
    }

    /// The way to an entry as what a contract names; the entry is built first if it is not yet.
    func link<Offered>(to id: EntryID, as contract: Contract<Offered>, for user: EntryID) throws -> Link<Offered> {
        guard let entry = plan[id] else {
            var names = EntrySpelling(plan.entries.map(\.id))
            let help = Spelling.suggestion(names.nearest(to: id))
            throw BuildError(user, "its code names '\(id)', which is not declared\(help)")
        }
        guard let link = try build(entry).links[contract.erased] as? Link<Offered> else {
            throw BuildError(
                user, "its code uses '\(id)', a \(entry.kind) (\(entry.location)), which is not \(contract.words)")
        }
        return link
    }

    /// What is attached to an entry and offers a contract, in order of id.
    func attached<Offered>(to id: EntryID, as contract: Contract<Offered>) throws -> [Attached<Offered>] {
        try plan.attached(to: id).compactMap { child in
            let link = try build(child).links[contract.erased] as? Link<Offered>
            return link.map { Attached(id: child.id, link: $0) }
        }
    }

    @discardableResult
    private func build(_ entry: PlannedEntry) throws -> BuiltEntry {
        if let done = built[entry.id] { return done }
        guard !path.contains(entry.id) else {
            let circle = (path.drop { $0 != entry.id } + [entry.id]).map(\.description).joined(separator: " -> ")
            throw BuildError(entry.id, "building it needs itself: \(circle); break the circle")
        }
        path.append(entry.id)
        defer { path.removeLast() }
        let result: BuiltEntry
        do {
            result = try RunningEntry(entry.id).run {
                try entry.build(with: BuildContext(id: entry.id, environment: environment, components: self))
            }
            if result.service != nil, entry.role == nil {
                throw BuildError(entry.id, "the kind \(entry.kind) has built a service and has no role for it")
            }
        } catch let error as BuildError {
            throw error
        } catch {
            throw BuildError(entry.id, FailureReason.text(of: error))
        }
        built[entry.id] = result
        return result
    }
}
