import WippyText

/// Values by name, in one array sorted by the names' UTF-8 bytes.
///
/// Maps of data are small, built once and read a few times. An array needs one allocation and no hashing, and has the
/// order in which JSON is written. Looking up a key is a binary search. Setting a key moves the keys after it, so build
/// a large map at once with ``init(_:onRepeatedKey:)``.
///
/// Names are compared by their bytes, not by Unicode equivalence.
public struct ValueMap: Sendable {
    /// A name and its value.
    public typealias Element = (key: String, value: Value)

    /// Sorted by key, each key once.
    ///
    /// Without labels, as literals and readers hand them over, so that their array is taken and not copied.
    private(set) var pairs: [(String, Value)]

    /// Creates a map without keys.
    public init() {
        pairs = []
    }

    /// Creates a map from pairs in any order.
    ///
    /// It takes linear time if they are sorted, otherwise O(n log n).
    ///
    /// - Parameters:
    ///   - pairs: names and values in any order.
    ///   - rule: which value counts if a name appears more than once.
    public init(_ pairs: consuming [(String, Value)], onRepeatedKey rule: RepeatedKeyRule) {
        // Sorted before it is stored, since two owners of the array would copy it.
        if !ValueMap.areSortedAndUnique(pairs) {
            ValueMap.sort(&pairs)
            if !ValueMap.areSortedAndUnique(pairs) { ValueMap.removeRepeatedKeys(&pairs, keeping: rule) }
        }
        self.pairs = pairs
    }

    /// Creates a map from pairs in any order; nil if a name appears twice.
    ///
    /// It takes linear time if they are sorted, otherwise O(n log n).
    public init?(unique pairs: consuming [(String, Value)]) {
        if !ValueMap.areSortedAndUnique(pairs) {
            ValueMap.sort(&pairs)
            guard ValueMap.areSortedAndUnique(pairs) else { return nil }
        }
        self.pairs = pairs
    }

    /// Creates a map from pairs that are sorted by the bytes of their names, each name once.
    ///
    /// Release builds do not check this. With another order, keys cannot be found.
    public init(uniqueSortedPairs pairs: consuming [(String, Value)]) {
        self.pairs = pairs
        assert(ValueMap.areSortedAndUnique(self.pairs), "the pairs are not sorted or repeat a key")
    }

    /// Which of several values under one name counts.
    public enum RepeatedKeyRule: Sendable {
        /// The value that comes first.
        case keepFirst
        /// The value that comes last.
        case keepLast
    }

    /// The value of a key; nil if there is none.
    ///
    /// Setting nil removes the key.
    ///
    /// To store a null, set `.some(.null)` or `Value.null`, because the literal `nil` removes. Reading takes O(log n);
    /// adding or removing a key takes O(n).
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

    /// The position of a key; nil if there is none.
    public func index(of key: String) -> Int? {
        // Most maps have a handful of keys: comparing for equality looks at lengths first and is faster than ordering.
        if pairs.count <= 8 {
            for index in pairs.indices where ExactText.areEqual(pairs[index].0, key) {
                return index
            }
            return nil
        }
        let (index, isFound) = position(of: key)
        return isFound ? index : nil
    }

    /// Where a key stands or would stand.
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
        // Borrowed from a span: an array's subscript would retain and release both keys for each comparison.
        let span = pairs.span
        for index in span.indices.dropFirst() {
            guard ExactText.precedes(span[index - 1].0, span[index].0) else { return false }
        }
        return true
    }

    /// Sorts by key; pairs with the same key keep their order.
    private static func sort(_ pairs: inout [(String, Value)]) {
        guard pairs.count <= 16 else {
            return pairs.sort { ExactText.precedes($0.0, $1.0) }
        }
        for sorted in pairs.indices.dropFirst() {
            let place = place(of: sorted, among: pairs)
            if place < sorted { pairs.insert(pairs.remove(at: sorted), at: place) }
        }
    }

    /// Where a pair belongs among those before it, which are sorted.
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
    /// Always 0.
    public var startIndex: Int { 0 }

    /// The number of pairs.
    public var endIndex: Int { pairs.count }

    /// The pair at a position in the order of the keys.
    public subscript(position: Int) -> Element {
        (key: pairs[position].0, value: pairs[position].1)
    }

    /// The names in order.
    public var keys: some RandomAccessCollection<String> {
        pairs.lazy.map(\.0)
    }

    /// The values in the order of their names.
    public var values: some RandomAccessCollection<Value> {
        pairs.lazy.map(\.1)
    }
}

extension ValueMap: ExpressibleByDictionaryLiteral {
    /// Creates a map from a literal.
    ///
    /// If a key appears twice, the last value counts.
    public init(dictionaryLiteral elements: (String, Value)...) {
        self.init(elements, onRepeatedKey: .keepLast)
    }
}

extension ValueMap: Hashable {
    /// Whether both have the same keys, compared by their bytes, with equal values.
    public static func == (left: ValueMap, right: ValueMap) -> Bool {
        guard left.pairs.count == right.pairs.count else { return false }
        for index in left.pairs.indices {
            let (left, right) = (left.pairs[index], right.pairs[index])
            guard ExactText.areEqual(left.0, right.0), left.1 == right.1 else { return false }
        }
        return true
    }

    /// Feeds the pairs to the hasher.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(pairs.count)
        for pair in pairs {
            ExactText.hash(pair.0, into: &hasher)
            hasher.combine(pair.1)
        }
    }
}
