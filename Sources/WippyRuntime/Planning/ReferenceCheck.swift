import WippyDefinition

/// Checks the references and mentions between the entries of a plan.
struct ReferenceCheck {
    private let plan: Plan
    private let definitions: DefinitionSet
    private let kinds: KindCatalog
    private let undecoded: Set<EntryID>
    private lazy var names = EntrySpelling(definitions.entries.map(\.id))

    /// Creates the check of a plan.
    ///
    /// - Parameter undecoded: the entries whose kind is unknown. References to them are not checked.
    init(plan: Plan, definitions: DefinitionSet, kinds: KindCatalog, undecoded: Set<EntryID>) {
        self.plan = plan
        self.definitions = definitions
        self.kinds = kinds
        self.undecoded = undecoded
    }

    /// Finds references to missing entries or to entries of a wrong sort, the errors that kinds find, and cycles.
    mutating func problems() -> [Diagnostic] {
        var found: [Diagnostic] = []
        for entry in plan.entries {
            for use in entry.references {
                if let problem = problem(with: use, of: entry) { found.append(problem) }
            }
            for use in entry.mentions {
                if let problem = problem(withMention: use, of: entry) { found.append(problem) }
            }
            found += problemsWithRequirements(of: entry)
        }
        let context = CheckContext(plan, kinds: kinds)
        let valid = plan.entries.filter(\.isValid)
        found += valid.flatMap { $0.check(in: context) }
        let byKind = Dictionary(grouping: valid, by: \.kind)
        found += byKind.values.flatMap { $0[0].check(all: $0, in: context) }
        for kind in kinds.parts[(any SharedCheckKind).self] {
            found += kind.sharedCheck(of: byKind[type(of: kind).name] ?? [], in: context)
        }
        let knowsAll = undecoded.isEmpty && valid.count == plan.entries.count
        found += PlannedCommand.problems(in: valid, mayHaveHost: !knowsAll)
        return found
            + plan.graph.cycles.map { cycle in
                .error(at: plan.location(of: cycle.edges[0]), entry: cycle.entry, plan.sentence(about: cycle))
                    .naming(cycle.edges.dropFirst().map(plan.location))
            }
    }

    /// Returns the error in one reference; nil if it is right, or if its target has errors of its own.
    private mutating func problem(with use: ReferenceUse, of entry: PlannedEntry) -> Diagnostic? {
        guard let target = plan[use.entry] else {
            let isHidden = undecoded.contains(use.entry) || definitions.mayHide(use.entry)
            return isHidden ? nil : dangling(use, of: entry)
        }
        guard let contract = use.contract, target.isValid, !target.offers.contains(contract) else { return nil }
        let place = "'\(use.field)' names '\(target.id)' of the kind \(target.kind) (\(target.kindLocation))"
        return .error(at: use.location, entry: entry.id, "\(place), which is not \(contract.words)")
            .naming(target.kindLocation)
    }

    /// Returns the warning about an id in code.
    ///
    /// It is not an error, because code may look for a missing entry on purpose.
    private mutating func problem(withMention use: ReferenceUse, of entry: PlannedEntry) -> Diagnostic? {
        problem(with: use, of: entry)?.asWarning()
    }

    private mutating func dangling(_ use: ReferenceUse, of entry: PlannedEntry) -> Diagnostic {
        let name = "'\(use.field)' names '\(use.entry)', which is"
        if let rule = definitions.disabled[use.entry] {
            return .error(at: use.location, entry: entry.id, "\(name) disabled (\(rule))").naming(rule)
        }
        let problem = Diagnostic.error(at: use.location, entry: entry.id, "\(name) not declared")
        let nearest = names.nearest(to: use.entry)
        return definitions.explained(problem, missing: use.entry) ?? problem.suggesting(nearest)
    }

    /// Finds requirements on entries that are not services, and requirements that wait for the completion of an entry
    /// that is not a process.
    private func problemsWithRequirements(of entry: PlannedEntry) -> [Diagnostic] {
        guard !entry.policy.requirements.isEmpty else { return [] }
        let places = Dictionary(entry.requirementUses.map { ($0.entry, $0) }) { first, _ in first }
        return entry.policy.requirements.compactMap { requirement in
            guard let target = plan[requirement.id], let use = places[target.id] else { return nil }
            let place = "'\(use.field)' names '\(target.id)' of the kind \(target.kind) (\(target.kindLocation)), which"
            if target.role == nil {
                return .error(at: use.location, entry: entry.id, "\(place) is not a service")
                    .naming(target.kindLocation)
            }
            if requirement.condition == .completed, target.role != .process {
                return .error(at: use.location, entry: entry.id, "\(place) never completes; only a process does")
                    .naming(target.kindLocation)
            }
            return nil
        }
    }
}
