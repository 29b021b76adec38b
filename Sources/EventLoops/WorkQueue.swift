/// What a loop runs between two looks at its sockets.
enum Work {
    case job(UnownedJob)
    case body(@Sendable () -> Void)
}

/// Work in the order of its arrival.
///
/// It has no bound of its own: every entry is a task that somebody started and that is alive anyway.
struct WorkQueue {
    private var entries: [Work] = []
    private var head = 0

    var isEmpty: Bool { head == entries.count }

    mutating func append(_ work: Work) {
        entries.append(work)
    }

    mutating func append(contentsOf others: [Work]) {
        entries.append(contentsOf: others)
    }

    mutating func popFirst() -> Work? {
        guard head < entries.count else { return nil }
        let work = entries[head]
        head += 1
        if head == entries.count {
            entries.removeAll(keepingCapacity: true)
            head = 0
        } else if head >= 1024, head * 2 >= entries.count {
            // A loop that is never idle must not keep what it has run.
            entries.removeFirst(head)
            head = 0
        }
        return work
    }
}
