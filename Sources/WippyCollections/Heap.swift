/// A collection that gives access to its least element.
///
/// It takes logarithmic time to insert an element, and to remove the least one.
@frozen
package struct Heap<Element: Comparable> {
    /// A binary heap: each element is at least its parent, the one at half its position, counted from 1.
    @usableFromInline var elements: [Element] = []

    /// Creates an empty heap.
    @inlinable
    package init() {}

    /// The number of elements.
    @inlinable package var count: Int { elements.count }

    /// The least element; nil if the heap is empty.
    @inlinable package var first: Element? { elements.first }

    /// Calls `body` with each element, in no particular order.
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

    /// Removes and returns the least element; nil if the heap is empty.
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
