// The type is public, because the compiler does not specialize a `package` type for another module.

/// A list that is fast to extend at its tail and to shorten at its head: a ring in one array.
///
/// An empty list keeps room for at most 1,024 elements.
@frozen
public struct Deque<Element> {
    /// The slots of the ring.
    ///
    /// Their number is zero or a power of two, so that a mask can wrap a position.
    @usableFromInline var slots: ContiguousArray<Element?> = []
    @usableFromInline var head = 0

    @usableFromInline var elementCount = 0

    /// The number of elements.
    @inlinable public var count: Int { elementCount }

    /// Creates an empty list.
    @inlinable
    public init() {}

    /// The largest number of slots that an empty list keeps.
    @inlinable static var keptCapacity: Int { 1024 }

    /// True if the list is empty.
    @inlinable public var isEmpty: Bool { count == 0 }

    /// The element at the head; nil if the list is empty.
    @inlinable public var first: Element? { isEmpty ? nil : slots[head] }

    /// Adds an element at the tail.
    @inlinable
    public mutating func append(_ element: Element) {
        if count == slots.count { grow() }
        slots[slot(count)] = element
        elementCount += 1
    }

    /// Removes and returns the element at the head; nil if the list is empty.
    @inlinable
    public mutating func popFirst() -> Element? {
        guard count > 0 else { return nil }
        let element = slots[head].take()
        head = slot(1)
        elementCount -= 1
        if count == 0, slots.count > Self.keptCapacity { self = Deque() }
        return element
    }

    /// Removes all elements and returns them, from the head on.
    @inlinable
    public mutating func popAll() -> [Element] {
        defer { self = Deque() }
        return (0..<count).compactMap { slots[slot($0)] }
    }

    /// Calls `body` with each element, from the head on.
    @inlinable
    public func visit(_ body: (Element) -> Void) {
        for index in 0..<count { if let element = slots[slot(index)] { body(element) } }
    }

    /// Inserts an element before the first one that meets a condition, or at the tail.
    ///
    /// The time grows with the distance from the head.
    @inlinable
    public mutating func insert(_ element: Element, beforeFirst matches: (Element) -> Bool) {
        if count == slots.count { grow() }
        head = slot(-1)
        elementCount += 1
        var index = 0
        while index + 1 < count, let next = slots[slot(index + 1)], !matches(next) {
            slots.swapAt(slot(index), slot(index + 1))
            index += 1
        }
        slots[slot(index)] = element
    }

    /// The slot of a position that counts from the head.
    @inlinable
    func slot(_ index: Int) -> Int { (head &+ index) & (slots.count &- 1) }

    @inlinable
    mutating func grow() {
        var larger = ContiguousArray<Element?>()
        larger.reserveCapacity(max(16, slots.count * 2))
        for index in 0..<count { larger.append(slots[slot(index)].take()) }
        while larger.count < max(16, slots.count * 2) { larger.append(nil) }
        slots = larger
        head = 0
    }
}

extension Deque: Sendable where Element: Sendable {}
