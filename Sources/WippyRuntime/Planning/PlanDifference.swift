public import WippyDefinition

/// The differences between two plans.
///
/// ``Registry`` applies them.
public struct PlanDifference: Hashable, Sendable {
    /// The change of one entry.
    public enum Change: Hashable, Sendable {
        /// The entry is new.
        case added
        /// The entry does not exist any more.
        case removed
        /// The entry has another kind. The old entry is removed, and a new one with the same id is added.
        case replaced
        /// The entry's config or its `lifecycle` has changed.
        case reconfigured
        /// The entry itself has not changed, but counts as changed because of other entries.
        case rebuilt
    }

    /// The change of each entry that does not stay the same.
    public let changes: [EntryID: Change]

    /// Compares two plans.
    ///
    /// The places of entries in their files make no difference.
    ///
    /// - Parameters:
    ///   - old: the plan in force.
    ///   - new: the plan that replaces it.
    ///   - namedInCode: for each entry of the old plan, the entries that its code has named. Default: none.
    ///   - basesInCode: for each entry of the old plan, the bases that its code has named. Default: none.
    public init(
        from old: Plan, to new: Plan, namedInCode: [EntryID: Set<EntryID>] = [:],
        basesInCode: [EntryID: Set<EntryID>] = [:]
    ) {
        var changes: [EntryID: Change] = [:]
        for (before, after) in Self.pairs(old.entries, new.entries) where before !== after {
            switch (before, after) {
            case (let before?, nil): changes[before.id] = .removed
            case (nil, let after?): changes[after.id] = .added
            case (let before?, let after?):
                if before.kind != after.kind {
                    changes[after.id] = .replaced
                } else if !before.isSame(as: after) {
                    changes[after.id] = .reconfigured
                }
            case (nil, nil): break
            }
        }
        for (user, targets) in namedInCode where changes[user] == nil {
            let isGone = targets.contains { changes[$0] == .removed || changes[$0] == .replaced }
            if isGone { changes[user] = .rebuilt }
        }
        Self.spread(&changes, through: [old, new], basesInCode)
        self.changes = changes
    }

    /// Returns the entries of two plans in pairs with equal ids.
    ///
    /// Both lists are in order of id.
    private static func pairs(
        _ old: [PlannedEntry], _ new: [PlannedEntry]
    ) -> [(before: PlannedEntry?, after: PlannedEntry?)] {
        var pairs: [(PlannedEntry?, PlannedEntry?)] = []
        pairs.reserveCapacity(max(old.count, new.count))
        var (before, after) = (old[...], new[...])
        while let left = before.first, let right = after.first {
            let isSame = left === right || left.id == right.id
            let comesBefore = !isSame && left.id < right.id
            pairs.append((isSame || comesBefore ? left : nil, isSame || !comesBefore ? right : nil))
            if isSame || comesBefore { before.removeFirst() }
            if isSame || !comesBefore { after.removeFirst() }
        }
        return pairs + before.map { ($0, nil) } + after.map { (nil, $0) }
    }

    /// Adds the entries that change because of others.
    ///
    /// A parent is built with the entries that are attached to it, and an entry with its bases.
    ///
    /// An entry that only refers to a changed entry keeps running. It holds a link, whose target is replaced.
    private static func spread(
        _ changes: inout [EntryID: Change], through plans: [Plan], _ basesInCode: [EntryID: Set<EntryID>]
    ) {
        var dependents: [EntryID: Set<EntryID>] = [:]
        for (user, bases) in basesInCode { for base in bases { dependents[base, default: []].insert(user) } }
        for entry in plans.flatMap(\.entries) {
            for use in entry.references where use.isBase { dependents[use.entry, default: []].insert(entry.id) }
        }
        var pending = Array(changes.keys)
        while let id = pending.popLast() {
            let parents = plans.compactMap { $0[id] }.flatMap(\.references).filter { $0.meaning == .belongsTo }
            for dependent in parents.map(\.entry) + (dependents[id] ?? []) {
                guard changes[dependent] == nil, plans.contains(where: { $0[dependent] != nil }) else { continue }
                changes[dependent] = .rebuilt
                pending.append(dependent)
            }
        }
    }

    /// True if no entry has changed.
    public var isEmpty: Bool { changes.isEmpty }
}

extension PlanDifference: CustomStringConvertible {
    /// A line for each change, with a sign and the id of the entry, in order of id.
    ///
    /// The signs are `+` for added, `-` for removed, `!` for replaced, `~` for reconfigured and `*` for rebuilt.
    public var description: String {
        changes.sorted { $0.key < $1.key }.map { "\(Self.sign(of: $0.value)) \($0.key)" }.joined(separator: "\n")
    }

    private static func sign(of change: Change) -> String {
        switch change {
        case .added: "+"
        case .removed: "-"
        case .replaced: "!"
        case .reconfigured: "~"
        case .rebuilt: "*"
        }
    }
}
