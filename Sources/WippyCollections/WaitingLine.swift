// Public, since the compiler specializes nothing for another module that is `package`.

/// A waiting line in order of arrival.
///
/// Removing an element from any place costs as little as from the head.
@frozen
public struct WaitingLine<Element> {
    /// Tickets in order of arrival, those included that have left behind the head.
    @usableFromInline var order = Deque<Int>()
    @usableFromInline var elements: [Int: Element] = [:]

    /// Creates an empty line.
    @inlinable
    public init() {}

    /// Whether the line is empty.
    @inlinable
    public var isEmpty: Bool { elements.isEmpty }

    /// How many elements wait.
    @inlinable
    public var count: Int { elements.count }

    /// The element that has waited longest.
    @inlinable
    public var first: Element? { order.first.flatMap { elements[$0] } }

    /// Adds an element at the end.
    ///
    /// - Parameters:
    ///   - element: the new last element.
    ///   - ticket: a number that no other element has or has had.
    @inlinable
    public mutating func append(_ element: Element, ticket: Int) {
        elements[ticket] = element
        order.append(ticket)
    }

    /// Removes the element that has waited longest.
    @inlinable
    public mutating func popFirst() -> Element? {
        order.first.flatMap { remove($0) }
    }

    /// Removes an element.
    ///
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

    /// Removes all elements, in order.
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
