import Synchronization
import WippyCollections

/// The work of the writer's thread: it takes the queued calls, runs them in as few commits as possible, and answers
/// them.
///
/// A group is all calls that are queued at one moment. It is one transaction, and is answered after its commit. It
/// needs no savepoints, because a failed statement undoes only its own changes. In some cases SQLite still rolls back
/// the whole transaction (a full disk, OR ROLLBACK, a trigger), or the commit fails. Then the group runs again,
/// statement by statement. So each caller gets the answer that it would have got alone.
final class WriterThread {
    enum Next {
        case group([Call])
        case transaction(HeldTransaction, begunBy: Call)
        case end
    }

    let writer: Writer
    let connection: SQLiteConnection
    let busyTimeout: UInt64
    private var isOpen = false
    /// True if a call has failed for lack of space since the log was emptied.
    private var hasRunOutOfRoom = false
    private var done: [Call] = []

    init(_ writer: Writer, _ connection: SQLiteConnection) {
        self.writer = writer
        self.connection = connection
        busyTimeout = writer.settings.busyTimeout.nanoseconds
    }

    /// Works until the mailbox is closed and empty.
    func run() {
        loop: while true {
            switch next() {
            case .group(let calls): runGroup(calls)
            case .transaction(let transaction, let call): run(transaction, begunBy: call)
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
            if case .begin(let transaction) = first.mode {
                _ = state.mailbox.waiting.popFirst()
                return .found(.transaction(transaction, begunBy: first))
            }
            return .found(.group(state.mailbox.takeGroup()))
        }
    }

    /// Runs the queued calls, as many as possible in one transaction.
    ///
    /// A single statement needs no transaction around it: SQLite commits it by itself.
    private func runGroup(_ calls: [Call]) {
        guard !refuseIfMoved(calls) else { return }
        emptyWALIfNeeded()
        let calls = connection.commitsWait(for: calls)
        let isShared = calls.count > 1
        for call in calls {
            connection.interruption.busyDeadline = call.submitted + busyTimeout
            if isShared, mayShare(call) {
                runShared(call)
            } else {
                commit()
                runAlone(call)
            }
        }
        connection.letGo()
        commit()
    }

    /// True if the statement may share a transaction with others.
    ///
    /// A statement that cannot be prepared runs alone, and fails.
    private func mayShare(_ call: Call) -> Bool {
        guard case .statement = call.mode else { return false }
        return (try? connection.statement(call.sql))?.effect == .changesRows
    }

    private func runShared(_ call: Call) {
        guard call.begin() else { return }
        if !isOpen {
            do {
                try call.beginGroup(on: connection)
                isOpen = true
            } catch {
                // The next call tries again, within its own time.
                call.fail(error)
                call.deliver()
                return
            }
        }
        let hasSucceeded = call.run(on: connection)
        done.append(call)
        noteRoom(call)
        if !hasSucceeded, connection.isAutocommit {
            isOpen = false
            repeatEach()
        }
    }

    /// Commits the open transaction and answers all calls in it.
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

    /// Answers all calls, with one wake-up for each executor.
    private func deliver() {
        var chains: [(executor: UnownedTaskExecutor, first: Call, last: Call)] = []
        for call in done {
            guard let executor = call.executor else {
                call.deliver()
                continue
            }
            if let index = chains.firstIndex(where: { $0.executor == executor }) {
                chains[index].last.follower = call
                chains[index].last = call
            } else {
                chains.append((executor, call, call))
            }
        }
        for chain in chains {
            chain.first.deliver()
        }
    }

    /// Repeats the calls that were rolled back, each by itself.
    private func repeatEach() {
        for call in done {
            connection.interruption.busyDeadline = call.submitted + busyTimeout
            runBegun(call)
        }
        done.removeAll(keepingCapacity: true)
    }

    private func runAlone(_ call: Call) {
        guard call.begin() else { return }
        connection.interruption.call = onlyReads(call) ? call : nil
        runBegun(call)
        connection.interruption.call = nil
    }

    /// True if an interruption of the call has nothing to undo.
    func onlyReads(_ call: Call) -> Bool {
        if case .several = call.mode { return false }
        return (try? connection.statement(call.sql))?.effect == .reads
    }

    private func runBegun(_ call: Call) {
        let hasSucceeded = call.run(on: connection)
        if hasSucceeded {
            writer.commits.add(1, ordering: .relaxed)
        }
        noteRoom(call)
        connection.rollbackIfOpen()
        call.deliver()
    }

    /// Notes the lack of space if the call has failed because of it.
    func noteRoom(_ call: Call) {
        hasRunOutOfRoom = hasRunOutOfRoom || call.hasRunOutOfRoom
    }

    /// Frees the log's space, if a call has failed for lack of space.
    func emptyWALIfNeeded() {
        if hasRunOutOfRoom { hasRunOutOfRoom = !connection.emptyWAL() }
    }

    /// Refuses calls if the file was moved or removed, because nobody would find their changes.
    ///
    /// - Returns: true if the calls were refused.
    func refuseIfMoved(_ calls: [Call]) -> Bool {
        guard connection.hasMoved else { return false }
        let error = SQLiteError(.readOnlyMoved, "the database file was moved, removed or replaced while it was open")
        for call in calls {
            call.refuse(error)
        }
        return true
    }
}

extension Mailbox {
    /// Takes the queued calls, up to the first one that begins a transaction.
    ///
    /// A group has a largest size, so that the first answer does not wait for long.
    mutating func takeGroup() -> [Call] {
        var group: [Call] = []
        while group.count < Self.maxGroupSize, let call = waiting.first {
            if case .begin = call.mode { break }
            group.append(call)
            _ = waiting.popFirst()
        }
        return group
    }

    private static let maxGroupSize = 512
}
