/// Work in the order in which it came.
struct WorkQueue {
    private var items: [WorkItem?] = []
    private var head = 0

    var count: Int { items.count - head }
    var isEmpty: Bool { head == items.count }
    var first: WorkItem? { isEmpty ? nil : items[head] }

    mutating func append(_ item: WorkItem) {
        items.append(item)
    }

    mutating func popFirst() -> WorkItem? {
        guard let first else { return nil }
        items[head] = nil
        head += 1
        if isEmpty {
            items.removeAll(keepingCapacity: items.count <= Self.capacityKept)
            head = 0
        } else if head > Self.capacityKept, head > items.count / 2 {
            items.removeFirst(head)
            head = 0
        }
        return first
    }

    /// Takes everything.
    mutating func popAll() -> [WorkItem] {
        defer { self = WorkQueue() }
        return items[head...].compactMap { $0 }
    }

    private static let capacityKept = 1024
}
