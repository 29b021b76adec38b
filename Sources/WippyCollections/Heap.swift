/// Elements of which the least is at hand: adding one and removing the least take logarithmic time.
@frozen
package struct Heap<Element: Comparable> {
    /// No element is less than the one at half its place, counting from 1.
    @usableFromInline var elements: [Element] = []

    /// No elements.
    @inlinable
    package init() {}

    /// How many elements there are.
    @inlinable package var count: Int { elements.count }

    /// The least element.
    @inlinable package var first: Element? { elements.first }

    /// Calls `body` with each element, in no order.
    @inlinable
    package func visit(_ body: (Element) -> Void) {
        for element in elements { body(element) }
    }

    /// Adds an element.
    @inlinable
    package mutating func insert(_ element: Element) {
        elements.append(element)
        var index = elements.count - 1
        while index > 0, elements[index] < elements[(index - 1) / 2] {
            elements.swapAt(index, (index - 1) / 2)
            index = (index - 1) / 2
        }
    }

    /// Removes the least element.
    @inlinable
    package mutating func popFirst() -> Element? {
        guard !elements.isEmpty else { return nil }
        elements.swapAt(0, elements.count - 1)
        let least = elements.removeLast()
        var index = 0
        while let child = lesserChild(of: index), elements[child] < elements[index] {
            elements.swapAt(index, child)
            index = child
        }
        return least
    }

    @inlinable
    func lesserChild(of index: Int) -> Int? {
        let left = 2 * index + 1
        guard left < elements.count else { return nil }
        return left + 1 < elements.count && elements[left + 1] < elements[left] ? left + 1 : left
    }
}

extension Heap: Sendable where Element: Sendable {}
