/// Divides patterns into sets, so that two that collide are in one of them together.
///
/// Patterns that have different texts at one place of the path do not collide. So the patterns with the same text there
/// make a set, to which those are added that have no text there. Patterns are told apart like this place by place, as
/// long as few of them have to be added.
struct RouteSets: Sequence, IteratorProtocol {
    /// A pattern, by what matters here.
    struct Pattern {
        /// Its place in the list of patterns.
        let place: Int
        let shape: RoutePattern.Shape
        /// For each segment the number of its text; zero for a parameter.
        let texts: [Int]

        /// The number of the text at a place of the path; zero if any may stand there, below zero if none may.
        fileprivate func text(at position: Int) -> Int {
            position < texts.count ? texts[position] : shape.end == .rest ? 0 : -1
        }
    }

    /// How often a pattern was looked at.
    private(set) var steps = 0

    /// The sets that may be divided further, each with how many places have been tried.
    private var pending: [(patterns: [Pattern], tried: Int)]

    /// The places of the path, those at which most patterns have a text first.
    private let positions: [Int]

    /// How many patterns may yet be added to a further set: however many places there are, the sets stay as large as
    /// a few times all patterns.
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

    /// The next set of more than one pattern.
    mutating func next() -> [Pattern]? {
        while let (patterns, tried) = pending.popLast() {
            guard patterns.count > 1 else { continue }
            guard tried < positions.count else { return patterns }
            for set in divide(patterns, at: positions[tried]) { pending.append((set, tried + 1)) }
        }
        return nil
    }

    /// The sets that the texts at a place make of one; the set itself where that is not worth while.
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
