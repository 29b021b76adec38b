/// Finds the patterns that collide: some path matches both patterns, and no rule says which pattern is meant.
///
/// Two patterns collide if they have equal texts at each place where both have a text, and if their shapes are equal or
/// ambiguous. So the patterns are first divided into sets by their texts. Only the shapes within a set are compared
/// with each other. For two colliding shapes, the patterns are found by their texts. So each pattern is examined only
/// once for each shape.
struct RouteConflicts {
    /// A pattern that collides with an earlier one.
    ///
    /// Both are given by their index in the list of patterns.
    struct Conflict: Hashable {
        let place: Int
        /// The first pattern with which it collides.
        let other: Int
        /// True if both match the same paths; false if only some paths match both.
        let isEqual: Bool
    }

    /// The conflicts in order of `place`, at most one for each pattern.
    private(set) var conflicts: [Conflict] = []

    /// The number of times that a pattern or a shape was examined.
    ///
    /// This is the cost of the search.
    private(set) var steps = 0

    private var texts: [[UInt8]: Int] = [:]
    private var first: [Int: Conflict] = [:]

    init(of patterns: some Sequence<RoutePattern>) {
        let all = patterns.enumerated().map { place, pattern in
            RouteSets.Pattern(place: place, shape: pattern.shape, texts: pattern.segments.map { number(of: $0) })
        }
        var sets = RouteSets(all)
        while let set = sets.next() { find(in: set) }
        steps += sets.steps
        conflicts = first.values.sorted { $0.place < $1.place }
    }

    /// Finds the collisions between the patterns of a set.
    private mutating func find(in set: [RouteSets.Pattern]) {
        let groups = Dictionary(grouping: set, by: \.shape)
        let shapes = groups.keys.sorted { $0.parameters.count < $1.parameters.count }
        for (index, shape) in shapes.enumerated() {
            for other in shapes[...index] where shape.parameters.count == other.parameters.count || other.end == .rest {
                steps += 1
                switch shape.relation(to: other) {
                case .equal: find(groups[shape] ?? [], groups[other] ?? [], shape, other, areEqual: true)
                case .ambiguous: find(groups[shape] ?? [], groups[other] ?? [], shape, other, areEqual: false)
                case .disjoint, .moreSpecific, .lessSpecific: break
                }
            }
        }
    }

    private mutating func number(of segment: RoutePattern.Segment) -> Int {
        guard case .literal(let text) = segment else { return 0 }
        if let known = texts[text] { return known }
        texts[text] = texts.count + 1
        return texts.count
    }

    /// Finds the collisions between patterns of two shapes.
    ///
    /// Both may be the same shape.
    private mutating func find(
        _ group: [RouteSets.Pattern], _ others: [RouteSets.Pattern], _ shape: RoutePattern.Shape,
        _ other: RoutePattern.Shape, areEqual: Bool
    ) {
        let common = zip(shape.parameters, other.parameters).enumerated()
            .compactMap { $1.0 || $1.1 ? nil : $0 }
        let mine = firstPlaces(of: group, by: common)
        let theirs = firstPlaces(of: others, by: common)
        note(group, by: common, among: theirs, areEqual)
        note(others, by: common, among: mine, areEqual)
    }

    /// The lowest index for each combination of the texts that both shapes have.
    private mutating func firstPlaces(of group: [RouteSets.Pattern], by common: [Int]) -> [[Int]: Int] {
        steps += group.count
        return Dictionary(
            group.map { pattern in (common.map { pattern.texts[$0] }, pattern.place) }, uniquingKeysWith: min)
    }

    private mutating func note(
        _ group: [RouteSets.Pattern], by common: [Int], among others: [[Int]: Int], _ areEqual: Bool
    ) {
        steps += group.count
        for pattern in group {
            guard let other = others[common.map { pattern.texts[$0] }], other < pattern.place,
                other < first[pattern.place]?.other ?? .max
            else { continue }
            first[pattern.place] = Conflict(place: pattern.place, other: other, isEqual: areEqual)
        }
    }
}
