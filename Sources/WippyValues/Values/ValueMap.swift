import WippyText

/// Values by key, in one array that is sorted by the UTF-8 bytes of the keys.
///
/// Adding a key moves the keys after it, so create a large map at once with ``init(_:onRepeatedKey:)``. Keys are
/// compared by their bytes, not by Unicode equivalence.
public struct ValueMap: Sendable {
    /// A key and its value.
    public typealias Element = (key: String, value: Value)

    /// The pairs, sorted by key, each key once.
    ///
    /// The tuples have no labels, because the pairs of literals and readers have none. So their array is used without
    /// a copy.
    private(set) var pairs: [(String, Value)]

    /// Creates an empty map.
    public init() {
        pairs = []
    }

    /// Creates a map from pairs in any order.
    ///
    /// - Parameters:
    ///   - pairs: keys and values in any order.
    ///   - rule: selects the value if a key appears more than once.
    public init(_ pairs: consuming [(String, Value)], onRepeatedKey rule: RepeatedKeyRule) {
        // The pairs are sorted before they are stored. Otherwise the array would have two owners and would be copied.
        if !ValueMap.areSortedAndUnique(pairs) {
            ValueMap.sort(&pairs)
            if !ValueMap.areSortedAndUnique(pairs) { ValueMap.removeRepeatedKeys(&pairs, keeping: rule) }
        }
        self.pairs = pairs
    }

    /// Creates a map from pairs in any order; nil if a key appears twice.
    public init?(unique pairs: consuming [(String, Value)]) {
        if !ValueMap.areSortedAndUnique(pairs) {
            ValueMap.sort(&pairs)
            guard ValueMap.areSortedAndUnique(pairs) else { return nil }
        }
        self.pairs = pairs
    }

    /// Creates a map from pairs that are sorted by the bytes of their keys, without repeated keys.
    ///
    /// Release builds do not check the pairs. If the pairs break this rule, the map cannot always find its keys.
    public init(uniqueSortedPairs pairs: consuming [(String, Value)]) {
        self.pairs = pairs
        assert(ValueMap.areSortedAndUnique(self.pairs), "the pairs are not sorted or repeat a key")
    }

    /// Selects a value if several have the same key.
    public enum RepeatedKeyRule: Sendable {
        /// Keeps the first value.
        case keepFirst
        /// Keeps the last value.
        case keepLast
    }

    /// The value of a key; nil if the map has no such key.
    ///
    /// If you set nil, the key is removed. To store a null, set `Value.null`.
    public subscript(key: String) -> Value? {
        get {
            guard let index = index(of: key) else { return nil }
            return pairs[index].1
        }
        set {
            let (index, isFound) = position(of: key)
            switch (newValue, isFound) {
            case (let value?, true): pairs[index].1 = value
            case (let value?, false): pairs.insert((key, value), at: index)
            case (nil, true): pairs.remove(at: index)
            case (nil, false): break
            }
        }
    }

    /// The index of a key; nil if the map has no such key.
    public func index(of key: String) -> Int? {
        // Most maps have few keys. A comparison for equality compares the lengths first, so it is faster than one for
        // order.
        if pairs.count <= 8 {
            for index in pairs.indices where ExactText.areEqual(pairs[index].0, key) {
                return index
            }
            return nil
        }
        let (index, isFound) = position(of: key)
        return isFound ? index : nil
    }

    /// The index of a key, or the index at which it would be inserted.
    private func position(of key: String) -> (index: Int, isFound: Bool) {
        var low = 0
        var high = pairs.count
        while low < high {
            let middle = (low + high) / 2
            if ExactText.precedes(pairs[middle].0, key) { low = middle + 1 } else { high = middle }
        }
        return (low, low < pairs.count && ExactText.areEqual(pairs[low].0, key))
    }
}

extension ValueMap {
    private static func areSortedAndUnique(_ pairs: [(String, Value)]) -> Bool {
        // The pairs are borrowed from a span, because an array's subscript would retain and release both keys for
        // each comparison.
        let span = pairs.span
        for index in span.indices.dropFirst() {
            guard ExactText.precedes(span[index - 1].0, span[index].0) else { return false }
        }
        return true
    }

    /// Sorts by key.
    ///
    /// Pairs with the same key keep their order.
    private static func sort(_ pairs: inout [(String, Value)]) {
        guard pairs.count <= 16 else {
            return pairs.sort { ExactText.precedes($0.0, $1.0) }
        }
        for sorted in pairs.indices.dropFirst() {
            let place = place(of: sorted, among: pairs)
            if place < sorted { pairs.insert(pairs.remove(at: sorted), at: place) }
        }
    }

    /// The index of a pair among the pairs before it, which are sorted.
    private static func place(of index: Int, among pairs: [(String, Value)]) -> Int {
        let span = pairs.span
        var place = index
        while place > 0, ExactText.precedes(span[index].0, span[place - 1].0) { place -= 1 }
        return place
    }

    private static func removeRepeatedKeys(_ pairs: inout [(String, Value)], keeping rule: RepeatedKeyRule) {
        var kept = 0
        for index in pairs.indices.dropFirst() {
            if !ExactText.areEqual(pairs[kept].0, pairs[index].0) {
                kept += 1
                pairs[kept] = pairs[index]
            } else if rule == .keepLast {
                pairs[kept] = pairs[index]
            }
        }
        pairs.removeLast(pairs.count - kept - 1)
    }
}

extension ValueMap: RandomAccessCollection {
    /// The index of the first pair, which is always 0.
    public var startIndex: Int { 0 }

    /// The number of pairs.
    public var endIndex: Int { pairs.count }

    /// The pair at an index, in the order of the keys.
    public subscript(position: Int) -> Element {
        (key: pairs[position].0, value: pairs[position].1)
    }

    /// The keys, in the order of their bytes.
    public var keys: some RandomAccessCollection<String> {
        pairs.lazy.map(\.0)
    }

    /// The values, in the order of their keys.
    public var values: some RandomAccessCollection<Value> {
        pairs.lazy.map(\.1)
    }
}

extension ValueMap: ExpressibleByDictionaryLiteral {
    /// Creates a map from a dictionary literal.
    ///
    /// If a key appears twice, the last value is kept.
    public init(dictionaryLiteral elements: (String, Value)...) {
        self.init(elements, onRepeatedKey: .keepLast)
    }
}

extension ValueMap: Hashable {
    /// True if both have the same keys and equal values.
    ///
    /// Keys are compared by their bytes.
    public static func == (left: ValueMap, right: ValueMap) -> Bool {
        guard left.pairs.count == right.pairs.count else { return false }
        for index in left.pairs.indices {
            let (left, right) = (left.pairs[index], right.pairs[index])
            guard ExactText.areEqual(left.0, right.0), left.1 == right.1 else { return false }
        }
        return true
    }

    /// Hashes the pairs.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(pairs.count)
        for pair in pairs {
            ExactText.hash(pair.0, into: &hasher)
            hasher.combine(pair.1)
        }
    }
}
