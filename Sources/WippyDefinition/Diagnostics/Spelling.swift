/// Finds what a misspelt name was probably meant to be.
///
/// A wrong suggestion is worse than none.
public enum Spelling {
    /// The nearest of the known names, if it is near: one edit for every four characters, at least one, at most three.
    ///
    /// An insertion, a removal, a replacement and a transposition of neighbours each count as one edit. Of several names
    /// at the same distance the first in order of text is taken. Names are compared by their UTF-8. For many searches
    /// among the same names, see ``SpellingIndex``.
    public static func nearest(to name: String, among known: some Sequence<String>) -> String? {
        SpellingIndex(known).nearest(to: name)
    }

    /// Nobody misspells a longer one by a letter; comparing it would only cost time.
    static let longestName = 256

    /// How many edits away a name may be from one of a length.
    static func allowance(for length: Int) -> Int { min(max(length / 4, 1), 3) }

    /// A set of the letters of a text, as bits: one edit changes at most two of them.
    static func letters(of text: [UInt8]) -> UInt64 {
        text.reduce(0) { $0 | 1 << UInt64($1 & 63) }
    }

    /// The optimal string alignment distance of two texts; nil when it is greater than `limit`.
    ///
    /// Only the diagonals that can still lead to a distance within the limit are computed.
    static func distance(_ left: [UInt8], _ right: [UInt8], limit: Int) -> Int? {
        guard abs(left.count - right.count) <= limit else { return nil }
        let unreachable = limit + 1
        var beforePrevious: [Int] = []
        var previous = (0...right.count).map { min($0, unreachable) }
        for i in 0..<left.count {
            var current = [Int](repeating: unreachable, count: right.count + 1)
            if i < limit { current[0] = i + 1 }
            var least = current[0]
            let first = max(0, i - limit)
            for j in first..<max(first, min(right.count, i + limit + 1)) {
                var cost = min(previous[j + 1] + 1, current[j] + 1, previous[j] + (left[i] == right[j] ? 0 : 1))
                if i > 0, j > 0, left[i] == right[j - 1], left[i - 1] == right[j] {
                    cost = min(cost, beforePrevious[j - 1] + 1)
                }
                current[j + 1] = min(cost, unreachable)
                least = min(least, cost)
            }
            guard least <= limit else { return nil }
            (beforePrevious, previous) = (previous, current)
        }
        return previous[right.count] <= limit ? previous[right.count] : nil
    }
}
