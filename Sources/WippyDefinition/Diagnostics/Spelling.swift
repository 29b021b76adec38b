public import WippyText

/// Finds the name that a misspelt one probably means.
///
/// A wrong suggestion is worse than none.
public enum Spelling {
    /// The most similar known name, if it is similar enough: one edit for every four characters, at least one, at most
    /// three.
    ///
    /// An insertion, a removal, a replacement, and a swap of neighbours each count as one edit. If several names are
    /// equally similar, the first in order of text is taken. Names are compared by their UTF-8. For many searches among
    /// the same names, use ``SpellingIndex``.
    public static func nearest(to name: String, among known: some Sequence<String>) -> String? {
        SpellingIndex(known).nearest(to: name)
    }

    /// The most similar known key, as for names.
    public static func nearest(to key: ExactText, among known: some Sequence<ExactText>) -> ExactText? {
        nearest(to: key.string, among: known.map(\.string)).map { ExactText($0) }
    }

    /// The end of a sentence about an unknown name: `; did you mean 'addr'?`; empty without a suggestion.
    public static func suggestion(_ nearest: (some CustomStringConvertible)?) -> String {
        nearest.map { "; did you mean '\($0)'?" } ?? ""
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
    /// What both begin and end with is left out, and of the rest only the diagonals are computed that can still lead to
    /// a distance within the limit.
    static func distance(_ left: [UInt8], _ right: [UInt8], limit: Int) -> Int? {
        let shorter = min(left.count, right.count)
        guard max(left.count, right.count) - shorter <= limit else { return nil }
        var start = 0
        while start < shorter, left[start] == right[start] { start += 1 }
        var ending = 0
        while ending < shorter - start, left[left.count - 1 - ending] == right[right.count - 1 - ending] { ending += 1 }
        return restDistance(
            Array(left[start..<left.count - ending]), Array(right[start..<right.count - ending]), limit: limit)
    }

    private static func restDistance(_ left: [UInt8], _ right: [UInt8], limit: Int) -> Int? {
        guard !left.isEmpty, !right.isEmpty else { return left.count + right.count }
        var beforePrevious = [Int](repeating: 0, count: right.count + 1)
        var previous = Array(0...right.count)
        var current = beforePrevious
        for i in 0..<left.count {
            let first = max(0, i - limit)
            current[first] = first == 0 ? i + 1 : limit + 1
            var least = current[first]
            for j in first..<max(first, min(right.count, i + limit + 1)) {
                // The cell above the band's last one was not computed: it is past the limit.
                let above = j == i + limit ? limit + 1 : previous[j + 1] + 1
                var cost = min(above, current[j] + 1, previous[j] + (left[i] == right[j] ? 0 : 1))
                if i > 0, j > 0, left[i] == right[j - 1], left[i - 1] == right[j] {
                    cost = min(cost, beforePrevious[j - 1] + 1)
                }
                current[j + 1] = cost
                least = min(least, cost)
            }
            guard least <= limit else { return nil }
            (beforePrevious, previous, current) = (previous, current, beforePrevious)
        }
        return previous[right.count] <= limit ? previous[right.count] : nil
    }
}
