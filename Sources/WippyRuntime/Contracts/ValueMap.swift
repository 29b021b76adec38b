/// Values by their names, in one flat array sorted by the names' UTF-8 bytes.
///
/// Maps of data are small, built once and read a few times: an array costs one allocation, needs no hashing, and comes
/// out in the order in which JSON is written. Looking a key up is a binary search; setting one moves what follows it,
/// so a large map is built in bulk with ``init(_:onRepeatedKey:)``.
///
/// Names are compared by their bytes, not by Unicode equivalence.
public struct ValueMap: Sendable {
    /// A name and its value.
    public typealias Element = (key: String, value: Value)

    /// Sorted by key, each key once.
    private var pairs: [Element]

    /// A map without keys.
    public init() {
        pairs = []
    }

    /// Takes pairs in any order.
    ///
    /// Linear if they are sorted, else O(n log n).
    ///
    /// - Parameters:
    ///   - pairs: names and values in any order.
    ///   - rule: which value counts if a name appears more than once.
    public init(_ pairs: [Element], onRepeatedKey rule: RepeatedKeyRule) {
        self.pairs = pairs
        if !ValueMap.areSortedAndUnique(self.pairs) {
            ValueMap.sort(&self.pairs)
            ValueMap.removeRepeatedKeys(&self.pairs, keeping: rule)
        }
    }

    /// Takes pairs in any order, or nothing if a name appears twice.
    ///
    /// Linear if they are sorted, else O(n log n).
    public init?(unique pairs: consuming [Element]) {
        self.pairs = pairs
        guard !ValueMap.areSortedAndUnique(self.pairs) else { return }
        ValueMap.sort(&self.pairs)
        guard ValueMap.areSortedAndUnique(self.pairs) else { return nil }
    }

    /// Takes pairs that the caller knows to be sorted by the bytes of their names, each name once.
    ///
    /// Not checked in release builds: pairs in another order make keys unfindable.
    public init(uniqueSortedPairs pairs: consuming [Element]) {
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

    /// The value of a key, or nil if there is none; setting nil removes the key.
    ///
    /// To store a null, set `.some(.null)` or `Value.null`: the literal `nil` means removal. Reading takes O(log n),
    /// setting a new key or removing one O(n).
    public subscript(key: String) -> Value? {
        get {
            guard let index = index(of: key) else { return nil }
            return pairs[index].value
        }
        set {
            let (index, isFound) = position(of: key)
            switch (newValue, isFound) {
            case (let value?, true): pairs[index].value = value
            case (let value?, false): pairs.insert((key: key, value: value), at: index)
            case (nil, true): pairs.remove(at: index)
            case (nil, false): break
            }
        }
    }

    /// Where a key stands, or nil if there is none.
    public func index(of key: String) -> Int? {
        // Most maps have a handful of keys: comparing for equality looks at lengths first and is faster than ordering.
        if pairs.count <= 8 {
            for index in pairs.indices where ValueTextOrder.areEqual(pairs[index].key, key) {
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
            if ValueTextOrder.precedes(pairs[middle].key, key) { low = middle + 1 } else { high = middle }
        }
        return (low, low < pairs.count && ValueTextOrder.areEqual(pairs[low].key, key))
    }
}

extension ValueMap {
    private static func areSortedAndUnique(_ pairs: [Element]) -> Bool {
        var index = 1
        while index < pairs.count {
            guard ValueTextOrder.precedes(pairs[index - 1].key, pairs[index].key) else { return false }
            index += 1
        }
        return true
    }

    /// Sorts by key; pairs with the same key keep their order.
    private static func sort(_ pairs: inout [Element]) {
        guard pairs.count <= 16 else {
            return pairs.sort { ValueTextOrder.precedes($0.key, $1.key) }
        }
        var sorted = 1
        while sorted < pairs.count {
            var index = sorted
            while index > 0, ValueTextOrder.precedes(pairs[index].key, pairs[index - 1].key) {
                pairs.swapAt(index, index - 1)
                index -= 1
            }
            sorted += 1
        }
    }

    private static func removeRepeatedKeys(_ pairs: inout [Element], keeping rule: RepeatedKeyRule) {
        var kept = 0
        for index in pairs.indices.dropFirst() {
            if !ValueTextOrder.areEqual(pairs[kept].key, pairs[index].key) {
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
        pairs[position]
    }

    /// The names in order.
    public var keys: some RandomAccessCollection<String> {
        pairs.lazy.map(\.key)
    }

    /// The values in the order of their names.
    public var values: some RandomAccessCollection<Value> {
        pairs.lazy.map(\.value)
    }
}

extension ValueMap: ExpressibleByDictionaryLiteral {
    /// Takes the pairs of a literal; of a key that appears twice the last one counts.
    public init(dictionaryLiteral elements: (String, Value)...) {
        self.init(elements.map { (key: $0.0, value: $0.1) }, onRepeatedKey: .keepLast)
    }
}

extension ValueMap: Hashable {
    /// Whether both have the same keys, compared by their bytes, with equal values.
    public static func == (left: ValueMap, right: ValueMap) -> Bool {
        guard left.pairs.count == right.pairs.count else { return false }
        for index in left.pairs.indices {
            let (left, right) = (left.pairs[index], right.pairs[index])
            guard ValueTextOrder.areEqual(left.key, right.key), left.value == right.value else { return false }
        }
        return true
    }

    /// Feeds the pairs to the hasher.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(pairs.count)
        for pair in pairs {
            ValueTextOrder.hash(pair.key, into: &hasher)
            hasher.combine(pair.value)
        }
    }
}
