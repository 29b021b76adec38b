// The type is public, because the compiler does not specialize a `package` type for another module.

/// A waiting line in order of arrival, which each element can leave before its turn.
@frozen
public struct WaitingLine<Element> {
    /// The tickets in order of arrival.
    ///
    /// Behind the head, tickets of elements that have left may remain.
    @usableFromInline var order = Deque<Int>()
    @usableFromInline var elements: [Int: Element] = [:]

    /// Creates an empty line.
    @inlinable
    public init() {}

    /// True if the line is empty.
    @inlinable
    public var isEmpty: Bool { elements.isEmpty }

    /// The number of elements.
    @inlinable
    public var count: Int { elements.count }

    /// The element that has waited longest; nil if the line is empty.
    @inlinable
    public var first: Element? { order.first.flatMap { elements[$0] } }

    /// Adds an element at the end.
    ///
    /// - Parameters:
    ///   - element: the new last element.
    ///   - ticket: a number that no other element has or had.
    @inlinable
    public mutating func append(_ element: Element, ticket: Int) {
        elements[ticket] = element
        order.append(ticket)
    }

    /// Removes and returns the element that has waited longest; nil if the line is empty.
    @inlinable
    public mutating func popFirst() -> Element? {
        order.first.flatMap { remove($0) }
    }

    /// Removes and returns an element.
    ///
    /// - Parameter ticket: the element's ticket.
    /// - Returns: nil if no element with this ticket waits any more.
    @inlinable
    public mutating func remove(_ ticket: Int) -> Element? {
        guard let element = elements.removeValue(forKey: ticket) else { return nil }
        while let next = order.first, elements[next] == nil { _ = order.popFirst() }
        if order.count > 2 * elements.count + 64 { dropThoseWhoLeft() }
        return element
    }

    /// Changes every element.
    @inlinable
    public mutating func update(_ change: (inout Element) -> Void) {
        elements = elements.mapValues { element in
            var element = element
            change(&element)
            return element
        }
    }

    /// Removes all elements and returns them, in order of arrival.
    @inlinable
    public mutating func removeAll() -> [Element] {
        var all: [Element] = []
        while let element = popFirst() { all.append(element) }
        return all
    }

    @inlinable
    mutating func dropThoseWhoLeft() {
        var left = Deque<Int>()
        while let ticket = order.popFirst() {
            if elements[ticket] != nil { left.append(ticket) }
        }
        order = left
    }
}

extension WaitingLine: Sendable where Element: Sendable {}
