import WippyText

/// Finds the name that is most similar to a misspelt one, among many names, by the rules of ``Spelling``.
///
/// For many searches among the same names, it is faster than ``Spelling``.
public struct SpellingIndex: Sendable {
    private struct Name {
        let text: String
        let bytes: [UInt8]
        let letters: UInt64
    }

    private var byLength: [Int: [Name]] = [:]

    /// Creates an index of names.
    public init(_ names: some Sequence<String>) {
        for name in names { insert(name) }
    }

    /// Adds a name.
    public mutating func insert(_ name: String) {
        let bytes = Array(name.utf8)
        byLength[bytes.count, default: []].append(Name(text: name, bytes: bytes, letters: Spelling.letters(of: bytes)))
    }

    /// Returns the most similar name; nil if no name is similar enough.
    public func nearest(to name: String) -> String? {
        let wanted = Array(name.utf8)
        guard !wanted.isEmpty, wanted.count <= Spelling.longestName else { return nil }
        if let same = sameButForCapitals(name, wanted.count) { return same }
        let letters = Spelling.letters(of: wanted)
        var best: (text: String, distance: Int)?
        for difference in 0...Spelling.allowance(for: wanted.count) {
            for length in Set([wanted.count - difference, wanted.count + difference]) {
                for candidate in byLength[length] ?? [] {
                    let limit = best?.distance ?? Spelling.allowance(for: wanted.count)
                    guard difference <= limit else { return best?.text }
                    guard (letters ^ candidate.letters).nonzeroBitCount <= 2 * limit, candidate.bytes != wanted,
                        let distance = Spelling.distance(wanted, candidate.bytes, limit: limit),
                        distance <= Spelling.allowance(for: wanted, leadingTo: candidate.bytes)
                    else { continue }
                    if let found = best, found.distance == distance, ExactText.precedes(found.text, candidate.text) {
                        continue
                    }
                    best = (candidate.text, distance)
                }
            }
        }
        return best?.text
    }

    private func sameButForCapitals(_ name: String, _ length: Int) -> String? {
        let wanted = name.lowercasedASCII
        let same = (byLength[length] ?? []).map(\.text).filter {
            ExactText.areEqual($0.lowercasedASCII, wanted) && !ExactText.areEqual($0, name)
        }
        return same.min(by: ExactText.precedes)
    }
}
