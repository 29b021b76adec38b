/// Divides patterns into sets, so that two patterns that collide are together in at least one set.
///
/// Two patterns with different texts at one place of the path do not collide. So all patterns with the same text at
/// that place form a set. Patterns without a text there are added to each of these sets. The patterns are divided at
/// one place after another, as long as only few patterns have to be added.
struct RouteSets: Sequence, IteratorProtocol {
    /// A pattern, reduced to its shape and its texts.
    struct Pattern {
        /// The index in the list of patterns.
        let place: Int
        let shape: RoutePattern.Shape
        /// The number of each segment's text; zero for a parameter.
        let texts: [Int]

        /// Returns the number of the text at a place of the path.
        ///
        /// It is zero if any text may stand there, and below zero if no text may.
        fileprivate func text(at position: Int) -> Int {
            position < texts.count ? texts[position] : shape.end == .rest ? 0 : -1
        }
    }

    /// The number of times that a pattern was examined.
    private(set) var steps = 0

    /// The sets that may be divided further, with the number of places that have been tried.
    private var pending: [(patterns: [Pattern], tried: Int)]

    /// The places of the path.
    ///
    /// The places where most patterns have a text come first.
    private let positions: [Int]

    /// The number of patterns that may still be added to further sets.
    ///
    /// Because of this limit, all sets together hold only a few times as many patterns as the list, for any number of
    /// places.
    private var room: Int

    init(_ patterns: [Pattern]) {
        let wild = (0..<(patterns.map(\.texts.count).max() ?? 0)).map { position in
            patterns.count { $0.text(at: position) == 0 }
        }
        positions = wild.indices.sorted { (wild[$0], $0) < (wild[$1], $1) }
        pending = [(patterns, 0)]
        room = 4 * patterns.count
        steps = patterns.count * positions.count
    }

    /// Returns the next set of more than one pattern.
    mutating func next() -> [Pattern]? {
        while let (patterns, tried) = pending.popLast() {
            guard patterns.count > 1 else { continue }
            guard tried < positions.count else { return patterns }
            for set in divide(patterns, at: positions[tried]) { pending.append((set, tried + 1)) }
        }
        return nil
    }

    /// Divides a set by the texts at a place.
    ///
    /// Returns the set itself if too many patterns would have to be added.
    private mutating func divide(_ patterns: [Pattern], at position: Int) -> [[Pattern]] {
        steps += patterns.count
        var groups = Dictionary(grouping: patterns) { $0.text(at: position) }
        let wild = groups.removeValue(forKey: 0) ?? []
        let added = wild.count * (groups.count - 1)
        guard groups.count > 1, added * 4 <= patterns.count, added <= room else { return [patterns] }
        room -= added
        return groups.values.map { $0 + wild }
    }
}
