import WippyCollections
import WippyText
import WippyValues

/// Values by their keys, each with its end or without one.
///
/// An expired value takes room until it is removed. To remove the expired values costs no look at the others.
struct ExpiringValues {
    private struct Kept {
        let value: Value
        let end: Duration?

        func isOver(at now: Duration) -> Bool { end.map { $0 <= now } ?? false }
    }

    private struct End: Comparable {
        let time: Duration
        let key: ExactText

        static func < (left: End, right: End) -> Bool { left.time < right.time }
    }

    private var kept: [ExactText: Kept] = [:]

    /// The ends of the values, and of some values that were replaced or removed.
    private var ends = Heap<End>()

    /// The number of values, expired ones included.
    var count: Int { kept.count }

    /// The number of ends that are noted, those of replaced and removed values included.
    var endsCount: Int { ends.count }

    /// True if there is a value with the key, even an expired one.
    func contains(_ key: ExactText) -> Bool { kept[key] != nil }

    /// Returns the value of a key; nil if it has none, or if it is expired.
    func value(of key: ExactText, at now: Duration) -> Value? {
        guard let kept = kept[key], !kept.isOver(at: now) else { return nil }
        return kept.value
    }

    /// Sets the value of a key, which replaces its old one.
    mutating func set(_ value: Value, of key: ExactText, until end: Duration?) {
        kept[key] = Kept(value: value, end: end)
        if let end { ends.insert(End(time: end, key: key)) }
        forgetOldEnds()
    }

    /// Removes the value of a key.
    ///
    /// - Returns: true if there was one that was not expired.
    mutating func remove(_ key: ExactText, at now: Duration) -> Bool {
        let removed = kept.removeValue(forKey: key)
        forgetOldEnds()
        return removed.map { !$0.isOver(at: now) } ?? false
    }

    /// Removes the expired values.
    mutating func removeExpired(at now: Duration) {
        while let end = ends.first, end.time <= now {
            _ = ends.popFirst()
            // The value may be another one by now, with a later end.
            if kept[end.key]?.isOver(at: now) == true { kept[end.key] = nil }
        }
    }

    /// Forgets the ends of replaced and removed values once they are more than the values.
    ///
    /// This looks at each value, but only after as many changes.
    private mutating func forgetOldEnds() {
        guard ends.count > 2 * kept.count else { return }
        ends = Heap()
        for (key, kept) in kept {
            if let end = kept.end { ends.insert(End(time: end, key: key)) }
        }
    }
}
