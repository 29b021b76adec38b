/// How the writer's thread serves a transaction that a caller holds.
extension WriterThread {
    private enum Event {
        case call(WorkItem)
        case overdue([WorkItem])
        case idle
        case abandoned
        case halt
    }

    /// Begins the transaction and serves its calls alone until it ends.
    func runTransaction(_ item: WorkItem, _ hold: Hold) {
        guard !refuseIfMoved([item]), item.begin() else { return }
        emptyLogIfNeeded()
        connection.interruption.busyDeadline = item.submitted + busyTimeout
        guard item.run(on: connection) else {
            connection.rollbackIfOpen()
            item.deliver()
            return
        }
        connection.isHeld = true
        writer.monitor.withLock { $0.hold = hold }
        // Read before the caller goes on, as each time from which its idleness counts.
        let begun = writer.time.now()
        item.deliver()
        hold.end(serve(idleSince: begun))
        connection.isHeld = false
        connection.restore()
        let late = writer.monitor.withLock { state in
            state.hold = nil
            state.isHoldAbandoned = false
            return state.holdWaiting.popAll()
        }
        for item in late {
            item.refuse(hold.ending ?? .closed)
        }
    }

    /// - Returns: Why the transaction is over.
    private func serve(idleSince begun: UInt64) -> SQLiteError {
        let idleTimeout = writer.settings.transactionIdleTimeout
        var idleSince = begun
        while true {
            switch nextEvent(idleUntil: idleSince + idleTimeout.nanoseconds) {
            case .call(let item):
                if let ending = runCall(item, endedAt: &idleSince) { return ending }
            case .overdue(let items):
                refuse(items)
            case .idle:
                return SQLiteError(
                    .abort, "the transaction was rolled back because it was idle for \(idleTimeout); begin it again")
            case .abandoned:
                return SQLiteError(.misuse, "the transaction was rolled back because nobody held it any more")
            case .halt:
                return .closed
            }
        }
    }

    private func nextEvent(idleUntil idleDeadline: UInt64) -> Event {
        writer.monitor.wait { state in
            state.isAsleep = false
            if state.mailbox.phase == .halting { return .found(.halt) }
            if let item = state.holdWaiting.popFirst() { return .found(.call(item)) }
            if state.isHoldAbandoned { return .found(.abandoned) }
            let now = writer.time.now()
            let overdue = state.mailbox.takeOverdue(submittedBefore: now, timeout: busyTimeout)
            if !overdue.isEmpty { return .found(.overdue(overdue)) }
            if now >= idleDeadline { return .found(.idle) }
            state.isAsleep = true
            let firstDeadline = state.mailbox.waiting.first.map { $0.submitted + busyTimeout }
            return .nothing(until: min(idleDeadline, firstDeadline ?? .max))
        }
    }

    /// - Returns: Why the transaction is over, if it is.
    private func runCall(_ item: WorkItem, endedAt end: inout UInt64) -> SQLiteError? {
        guard item.begin() else { return nil }
        connection.interruption.busyDeadline = item.submitted + busyTimeout
        connection.interruption.work = onlyReads(item) ? item : nil
        let hasSucceeded = item.run(on: connection)
        connection.interruption.work = nil
        noteRoom(item)
        end = writer.time.now()
        defer { item.deliver() }
        guard connection.isAutocommit else { return nil }
        return hasSucceeded
            ? SQLiteError(.misuse, "the transaction is not active: it was committed or rolled back")
            : SQLiteError(.abort, "the transaction is not active: an error rolled it back; begin it again")
    }

    private func refuse(_ items: [WorkItem]) {
        let error = SQLiteError(
            .busy, "the database was held by a transaction for longer than \(writer.settings.busyTimeout)")
        for item in items {
            item.refuse(error)
        }
    }
}

extension Mailbox {
    /// Takes those who have waited for `timeout`.
    fileprivate mutating func takeOverdue(submittedBefore now: UInt64, timeout: UInt64) -> [WorkItem] {
        var overdue: [WorkItem] = []
        while let first = waiting.first, first.submitted + timeout <= now {
            overdue.append(first)
            _ = waiting.popFirst()
        }
        return overdue
    }
}
