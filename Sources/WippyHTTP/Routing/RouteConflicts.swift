/// Finds among patterns those of which nobody could say which is meant.
///
/// Two patterns collide if they have the same texts wherever both have one, and their shapes are equal or ambiguous. So
/// only shapes are compared with each other; within two of them, patterns are found by those texts, and every pattern
/// is looked at once for each shape.
struct RouteConflicts {
    /// A pattern that collides with one before it; places count in the list of patterns.
    struct Conflict: Hashable {
        let place: Int
        /// The first pattern that it collides with.
        let other: Int
        /// Whether both match the same paths; else they match some of the same.
        let isEqual: Bool
    }

    /// At most one for each pattern, in order of place.
    private(set) var conflicts: [Conflict] = []

    /// How often a pattern or a shape was looked at: what finding them has cost.
    private(set) var steps = 0

    private var texts: [[UInt8]: Int] = [:]
    private var first: [Int: Conflict] = [:]

    init(of patterns: some Sequence<RoutePattern>) {
        var groups: [RoutePattern.Shape: [Entry]] = [:]
        for (place, pattern) in patterns.enumerated() {
            let entry = Entry(place: place, texts: pattern.segments.map { number(of: $0) })
            groups[pattern.shape, default: []].append(entry)
        }
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
        conflicts = first.values.sorted { $0.place < $1.place }
    }

    /// A pattern of a shape.
    private struct Entry {
        let place: Int
        /// For each segment the number of its text; zero for a parameter.
        let texts: [Int]
    }

    private mutating func number(of segment: RoutePattern.Segment) -> Int {
        guard case .literal(let text) = segment else { return 0 }
        if let known = texts[text] { return known }
        texts[text] = texts.count + 1
        return texts.count
    }

    /// Finds the collisions between patterns of two shapes, or of one with itself.
    private mutating func find(
        _ group: [Entry], _ others: [Entry], _ shape: RoutePattern.Shape, _ other: RoutePattern.Shape, areEqual: Bool
    ) {
        let common = zip(shape.parameters, other.parameters).enumerated()
            .compactMap { $1.0 || $1.1 ? nil : $0 }
        let mine = firstPlaces(of: group, by: common)
        let theirs = firstPlaces(of: others, by: common)
        note(group, by: common, among: theirs, areEqual)
        note(others, by: common, among: mine, areEqual)
    }

    /// The first place of each combination of the texts that both shapes have.
    private mutating func firstPlaces(of group: [Entry], by common: [Int]) -> [[Int]: Int] {
        steps += group.count
        return Dictionary(group.map { entry in (common.map { entry.texts[$0] }, entry.place) }) { first, _ in first }
    }

    private mutating func note(_ group: [Entry], by common: [Int], among others: [[Int]: Int], _ areEqual: Bool) {
        steps += group.count
        for entry in group {
            guard let other = others[common.map { entry.texts[$0] }], other < entry.place,
                other < first[entry.place]?.other ?? .max
            else { continue }
            first[entry.place] = Conflict(place: entry.place, other: other, isEqual: areEqual)
        }
    }
}
