// Public, since the compiler specializes nothing for another module that is `package`.

/// Who waits, in order of arrival; whoever wants to leaves from any place, at no more cost than from the head.
@frozen
public struct WaitingLine<Element> {
    /// Tickets in order of arrival, those included that have left behind the head.
    @usableFromInline var order = Deque<Int>()
    @usableFromInline var elements: [Int: Element] = [:]

    /// Makes a line in which nobody waits.
    @inlinable
    public init() {}

    /// Whether nobody waits.
    @inlinable
    public var isEmpty: Bool { elements.isEmpty }

    /// How many wait.
    @inlinable
    public var count: Int { elements.count }

    /// Who waits for the longest time.
    @inlinable
    public var first: Element? { order.first.flatMap { elements[$0] } }

    /// Adds somebody at the end.
    ///
    /// - Parameters:
    ///   - element: the new last element.
    ///   - ticket: a number that nobody else has or has had.
    @inlinable
    public mutating func append(_ element: Element, ticket: Int) {
        elements[ticket] = element
        order.append(ticket)
    }

    /// Takes out who waits for the longest time.
    @inlinable
    public mutating func popFirst() -> Element? {
        order.first.flatMap { remove($0) }
    }

    /// Takes somebody out.
    ///
    /// - Returns: nil if nobody with this ticket waits any more.
    @inlinable
    public mutating func remove(_ ticket: Int) -> Element? {
        guard let element = elements.removeValue(forKey: ticket) else { return nil }
        while let next = order.first, elements[next] == nil { _ = order.popFirst() }
        if order.count > 2 * elements.count + 64 { dropThoseWhoLeft() }
        return element
    }

    /// Changes what is known of everybody.
    @inlinable
    public mutating func update(_ change: (inout Element) -> Void) {
        elements = elements.mapValues { element in
            var element = element
            change(&element)
            return element
        }
    }

    /// Takes everybody out, in order.
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
