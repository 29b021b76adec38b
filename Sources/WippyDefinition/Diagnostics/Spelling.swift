/// Finds what a misspelt name was probably meant to be. A wrong suggestion is worse than none.
public enum Spelling {
    /// The nearest of the known names, if it is near: one edit for every four characters, at least one, at most three.
    ///
    /// An insertion, a removal, a replacement and a transposition of neighbours each count as one edit. Of several names
    /// at the same distance the first in order of text is taken.
    public static func nearest(to name: String, among known: some Sequence<String>) -> String? {
        let wanted = Array(name.utf8)
        guard !wanted.isEmpty, wanted.count <= 256 else { return nil }
        var best: (name: String, distance: Int)?
        for candidate in known where candidate != name {
            let limit = best?.distance ?? allowance(for: wanted.count)
            let text = Array(candidate.utf8)
            guard abs(text.count - wanted.count) <= limit else { continue }
            let distance = distance(wanted, text, limit: limit)
            guard distance <= limit else { continue }
            if let found = best, found.distance == distance, found.name < candidate { continue }
            best = (candidate, distance)
        }
        return best?.name
    }

    private static func allowance(for length: Int) -> Int { min(max(length / 4, 1), 3) }

    /// The optimal string alignment distance of two texts, or more than `limit` as soon as it is known to be.
    private static func distance(_ left: [UInt8], _ right: [UInt8], limit: Int) -> Int {
        var beforePrevious = [Int](repeating: 0, count: right.count + 1)
        var previous = Array(0...right.count)
        for i in 0..<left.count {
            var current = [i + 1]
            current.reserveCapacity(right.count + 1)
            for j in 0..<right.count {
                var cost = min(previous[j + 1] + 1, current[j] + 1, previous[j] + (left[i] == right[j] ? 0 : 1))
                if i > 0, j > 0, left[i] == right[j - 1], left[i - 1] == right[j] {
                    cost = min(cost, beforePrevious[j - 1] + 1)
                }
                current.append(cost)
            }
            guard let least = current.min(), least <= limit else { return limit + 1 }
            (beforePrevious, previous) = (previous, current)
        }
        return previous[right.count]
    }
}
