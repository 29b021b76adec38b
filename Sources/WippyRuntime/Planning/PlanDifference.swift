public import WippyDefinition

/// The differences between two plans, which ``Registry`` applies.
public struct PlanDifference: Hashable, Sendable {
    /// What happens to one entry.
    public enum Change: Hashable, Sendable {
        /// It is new.
        case added
        /// It is gone.
        case removed
        /// It has another kind. The old entry is removed, and one with the same id is added.
        case replaced
        /// Its config or its `lifecycle` has changed.
        case reconfigured
        /// It has not changed itself, but something that belongs to it, or that it was built from, was added, removed
        /// or changed.
        case rebuilt
    }

    /// The change of each entry that does not stay as it is.
    public let changes: [EntryID: Change]

    /// Compares two plans.
    ///
    /// The places of entries in their files make no difference.
    ///
    /// - Parameters:
    ///   - old: the plan in force.
    ///   - new: the plan that replaces it.
    ///   - namedInCode: the entries that the code of the old plan's entries has named. An entry that names a removed
    ///     one is built anew.
    ///   - partsInCode: those that are parts. An entry with a changed part is built anew.
    public init(
        from old: Plan, to new: Plan, namedInCode: [EntryID: Set<EntryID>] = [:],
        partsInCode: [EntryID: Set<EntryID>] = [:]
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
        Self.spread(&changes, through: [old, new], partsInCode)
        self.changes = changes
    }

    /// The entries of two plans, those of one id together; both are in order of id.
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

    /// A parent is built with what is attached to it, and an entry with its parts, so it changes with them.
    ///
    /// Whoever merely refers to an entry keeps running: it holds a link, whose target is replaced.
    private static func spread(
        _ changes: inout [EntryID: Change], through plans: [Plan], _ partsInCode: [EntryID: Set<EntryID>]
    ) {
        var wholes: [EntryID: Set<EntryID>] = [:]
        for (user, parts) in partsInCode { for part in parts { wholes[part, default: []].insert(user) } }
        for entry in plans.flatMap(\.entries) {
            for use in entry.references where use.isPart { wholes[use.entry, default: []].insert(entry.id) }
        }
        var pending = Array(changes.keys)
        while let id = pending.popLast() {
            let parents = plans.compactMap { $0[id] }.flatMap(\.references).filter { $0.meaning == .belongsTo }
            for whole in parents.map(\.entry) + (wholes[id] ?? []) {
                guard changes[whole] == nil, plans.contains(where: { $0[whole] != nil }) else { continue }
                changes[whole] = .rebuilt
                pending.append(whole)
            }
        }
    }

    /// Whether the two plans are equal.
    public var isEmpty: Bool { changes.isEmpty }
}

extension PlanDifference: CustomStringConvertible {
    /// A line for each change, in order of id: `+` added, `-` removed, `!` replaced, `~` reconfigured, `*` rebuilt.
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
