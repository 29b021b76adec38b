import Synchronization

/// What the writer's thread does: takes what has queued, runs it in as few commits as it can, and answers.
///
/// A group is what has queued at one moment: one transaction, answered after its commit. There are no savepoints, since
/// a failed statement undoes only itself. Where SQLite rolls back the whole transaction all the same (a full disk, OR
/// ROLLBACK, a trigger), or the commit fails, the group is repeated statement by statement, so that each caller gets
/// the answer that it would have got alone.
final class WriterThread {
    enum Next {
        case group([WorkItem])
        case transaction(WorkItem, Hold)
        case end
    }

    let writer: Writer
    let connection: SQLiteConnection
    let busyTimeout: UInt64
    private var isOpen = false
    /// Whether something has failed for want of room since the log was emptied.
    private var hasRunOutOfRoom = false
    private var done: [WorkItem] = []

    init(_ writer: Writer, _ connection: SQLiteConnection) {
        self.writer = writer
        self.connection = connection
        busyTimeout = writer.settings.busyTimeout.nanoseconds
    }

    /// Works until the mailbox is closed and empty.
    func run() {
        loop: while true {
            switch next() {
            case .group(let items): runGroup(items)
            case .transaction(let item, let hold): runTransaction(item, hold)
            case .end: break loop
            }
        }
    }

    private func next() -> Next {
        writer.monitor.wait { state in
            if state.mailbox.phase == .halting { return .found(.end) }
            guard let first = state.mailbox.waiting.first else {
                if state.mailbox.phase == .closing { return .found(.end) }
                state.isAsleep = true
                return .nothing(until: nil)
            }
            state.isAsleep = false
            if case .begin(let hold) = first.manner {
                _ = state.mailbox.waiting.popFirst()
                return .found(.transaction(first, hold))
            }
            return .found(.group(state.mailbox.takeGroup()))
        }
    }

    /// Runs what has queued, in one transaction as far as that is possible.
    ///
    /// A lone statement needs none around it: SQLite commits it by itself.
    private func runGroup(_ items: [WorkItem]) {
        guard !refuseIfMoved(items) else { return }
        emptyLogIfNeeded()
        let isShared = items.count > 1
        for item in items {
            connection.interruption.busyDeadline = item.submitted + busyTimeout
            if isShared, mayShare(item) {
                runShared(item)
            } else {
                commit()
                runAlone(item)
            }
        }
        connection.letGo()
        commit()
    }

    /// Whether the statement may be in one transaction with others.
    ///
    /// One that cannot be prepared runs alone, to fail.
    private func mayShare(_ item: WorkItem) -> Bool {
        guard case .statement = item.manner else { return false }
        return (try? connection.statement(item.sql))?.effect == .changesRows
    }

    private func runShared(_ item: WorkItem) {
        guard item.begin() else { return }
        if !isOpen {
            do {
                try connection.begin()
                isOpen = true
            } catch {
                // The next one tries again, with what is left of its own time.
                item.fail(error)
                item.deliver()
                return
            }
        }
        let hasSucceeded = item.run(on: connection)
        done.append(item)
        noteRoom(item)
        if !hasSucceeded, connection.isAutocommit {
            isOpen = false
            repeatEach()
        }
    }

    /// Commits the open transaction and answers everyone in it.
    private func commit() {
        guard isOpen else { return }
        isOpen = false
        do {
            try connection.commit()
        } catch {
            hasRunOutOfRoom = hasRunOutOfRoom || error.isForWantOfRoom
            connection.rollbackIfOpen()
            repeatEach()
            return
        }
        writer.commits.add(1, ordering: .relaxed)
        deliver()
        done.removeAll(keepingCapacity: true)
    }

    /// Answers everyone, with one wake-up for each executor.
    private func deliver() {
        var chains: [(executor: UnownedTaskExecutor, first: WorkItem, last: WorkItem)] = []
        for item in done {
            guard let executor = item.executor else {
                item.deliver()
                continue
            }
            if let index = chains.firstIndex(where: { $0.executor == executor }) {
                chains[index].last.follower = item
                chains[index].last = item
            } else {
                chains.append((executor, item, item))
            }
        }
        for chain in chains {
            chain.first.deliver()
        }
    }

    /// Runs what was rolled back again, each statement by itself.
    private func repeatEach() {
        for item in done {
            connection.interruption.busyDeadline = item.submitted + busyTimeout
            runBegun(item)
        }
        done.removeAll(keepingCapacity: true)
    }

    private func runAlone(_ item: WorkItem) {
        guard item.begin() else { return }
        connection.interruption.work = onlyReads(item) ? item : nil
        runBegun(item)
        connection.interruption.work = nil
    }

    /// Whether the call may be interrupted without undoing anything.
    func onlyReads(_ item: WorkItem) -> Bool {
        if case .several = item.manner { return false }
        return (try? connection.statement(item.sql))?.effect == .reads
    }

    private func runBegun(_ item: WorkItem) {
        let hasSucceeded = item.run(on: connection)
        if hasSucceeded {
            writer.commits.add(1, ordering: .relaxed)
        }
        noteRoom(item)
        connection.rollbackIfOpen()
        item.deliver()
    }

    /// Takes a note if the call has failed for want of room.
    func noteRoom(_ item: WorkItem) {
        hasRunOutOfRoom = hasRunOutOfRoom || item.hasRunOutOfRoom
    }

    /// Gives the log's room back, if something has failed for want of it.
    func emptyLogIfNeeded() {
        if hasRunOutOfRoom { hasRunOutOfRoom = !connection.emptyLog() }
    }

    /// Refuses to write into a file that has no name any more, where nobody would find it.
    ///
    /// - Returns: Whether it did.
    func refuseIfMoved(_ items: [WorkItem]) -> Bool {
        guard connection.hasMoved else { return false }
        let error = SQLiteError(.readOnlyMoved, "the database file was moved, removed or replaced while it was open")
        for item in items {
            item.refuse(error)
        }
        return true
    }
}

extension Mailbox {
    /// Takes what has queued, up to a transaction or a bound that keeps the first answer from waiting for long.
    mutating func takeGroup() -> [WorkItem] {
        var group: [WorkItem] = []
        while group.count < Self.groupMax, let item = waiting.first {
            if case .begin = item.manner { break }
            group.append(item)
            _ = waiting.popFirst()
        }
        return group
    }

    private static let groupMax = 512
}
