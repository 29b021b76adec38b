/// A list that is cheap to change at both of its ends: a ring in one array.
///
/// It grows as an array does, and lets go of the memory of a burst once it is empty again.
struct Deque<Element> {
    /// Its size is zero or a power of two, so that a position wraps by a mask.
    private var slots: ContiguousArray<Element?> = []
    private var head = 0

    /// How many elements there are.
    private(set) var count = 0

    /// More slots than this are given back when the last element goes.
    private static var keptCapacity: Int { 1024 }

    /// Whether there is no element.
    var isEmpty: Bool { count == 0 }

    /// The element at the head.
    var first: Element? { isEmpty ? nil : slots[head] }

    /// Adds an element at the tail.
    mutating func append(_ element: Element) {
        if count == slots.count { grow() }
        slots[slot(count)] = element
        count += 1
    }

    /// Removes the element at the head.
    mutating func popFirst() -> Element? {
        guard count > 0 else { return nil }
        let element = slots[head].take()
        head = slot(1)
        count -= 1
        if count == 0, slots.count > Self.keptCapacity { self = Deque() }
        return element
    }

    /// Inserts an element before the first one that meets a condition, or at the tail.
    ///
    /// The time depends on how far from the head that is.
    mutating func insert(_ element: Element, beforeFirst matches: (Element) -> Bool) {
        if count == slots.count { grow() }
        head = slot(-1)
        count += 1
        var index = 0
        while index + 1 < count, let next = slots[slot(index + 1)], !matches(next) {
            slots.swapAt(slot(index), slot(index + 1))
            index += 1
        }
        slots[slot(index)] = element
    }

    /// The slot of a position that counts from the head.
    private func slot(_ index: Int) -> Int { (head &+ index) & (slots.count &- 1) }

    private mutating func grow() {
        var larger = ContiguousArray<Element?>()
        larger.reserveCapacity(max(16, slots.count * 2))
        for index in 0..<count { larger.append(slots[slot(index)].take()) }
        while larger.count < max(16, slots.count * 2) { larger.append(nil) }
        slots = larger
        head = 0
    }
}

extension Deque: Sendable where Element: Sendable {}
