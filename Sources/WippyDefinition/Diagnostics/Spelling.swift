public import WippyText

/// Suggests the name that a misspelt name probably means.
public enum Spelling {
    /// Returns the most similar known name; nil if no name is similar enough.
    ///
    /// A known name is similar if it differs from `name` only in the case of the letters A to Z, or by at most three
    /// edits. For short words, fewer edits are allowed. The result is never `name` itself. It is nil if `name` has more
    /// than 256 bytes. For many searches among the same names, use ``SpellingIndex``.
    public static func nearest(to name: String, among known: some Sequence<String>) -> String? {
        SpellingIndex(known).nearest(to: name)
    }

    /// Returns the most similar known key, by the same rules as for names.
    public static func nearest(to key: ExactText, among known: some Sequence<ExactText>) -> ExactText? {
        nearest(to: key.string, among: known.map(\.string)).map { ExactText($0) }
    }

    /// Returns the end of a sentence about an unknown name, such as `; did you mean 'addr'?`.
    ///
    /// - Parameter nearest: the suggested name. If it is nil, the result is empty.
    public static func suggestion(_ nearest: (some CustomStringConvertible)?) -> String {
        nearest.map { "; did you mean '\($0)'?" } ?? ""
    }

    /// The length in bytes of the longest name for which a similar name is searched.
    ///
    /// A longer name is hardly ever misspelt by one letter.
    static let longestName = 256

    /// Returns the largest number of edits for a name of the given length.
    static func allowance(for length: Int) -> Int { length < 2 ? 0 : min(max(length / 4, 1), 3) }

    /// Returns the largest number of edits that may lead from one name to another.
    ///
    /// It depends on the length of the words of `name` that differ. Dots and colons separate words.
    static func allowance(for name: [UInt8], leadingTo other: [UInt8]) -> Int {
        let start = commonWords(name, other)
        let end = commonWords(name[start...].reversed(), other[start...].reversed())
        return allowance(for: name.count - start - end)
    }

    /// Returns the number of bytes that two texts share at their beginning, up to the last dot or colon among them.
    private static func commonWords(_ left: some Sequence<UInt8>, _ right: some Sequence<UInt8>) -> Int {
        let same = zip(left, right).prefix { $0 == $1 }
        let last = same.lastIndex { $0.0 == UInt8(ascii: ".") || $0.0 == UInt8(ascii: ":") }
        return last.map { $0 + 1 } ?? 0
    }

    /// Returns the letters of a text as a set of bits.
    ///
    /// An edit changes at most two of the bits.
    static func letters(of text: [UInt8]) -> UInt64 {
        text.reduce(0) { $0 | 1 << UInt64($1 & 63) }
    }

    /// Returns the optimal string alignment distance of two texts; nil if it is greater than `limit`.
    ///
    /// The common beginning and the common end are skipped. Of the rest, only the diagonals are computed that can
    /// lead to a distance within the limit.
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
                // The cell above the last cell of the band was not computed, because it is beyond the limit.
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
