import WippyCollections
import WippyText

/// Serves a transaction that a caller holds.
extension WriterThread {
    private enum Event {
        case call(Call)
        case overdue([Call])
        case idle
        case abandoned
        case halt
    }

    /// Begins the transaction and serves only its calls until it ends.
    func run(_ transaction: HeldTransaction, begunBy call: Call) {
        guard !refuseIfMoved([call]) else { return }
        emptyWALIfNeeded()
        guard !connection.commitsWait(for: [call]).isEmpty, call.begin() else { return }
        connection.interruption.busyDeadline = call.submitted + busyTimeout
        guard call.run(on: connection) else {
            connection.rollbackIfOpen()
            call.deliver()
            return
        }
        connection.isHeld = true
        writer.monitor.withLock { $0.holder = Writer.Holder(transaction: transaction) }
        // The time is read before the caller goes on, like every time at which idleness begins.
        let begun = writer.time.now()
        call.deliver()
        transaction.end(serve(idleSince: begun))
        connection.isHeld = false
        connection.restore()
        let late = writer.monitor.withLock { state in
            defer { state.holder = nil }
            return state.holder?.waiting.popAll() ?? []
        }
        for call in late {
            call.refuse(transaction.ending ?? .closed)
        }
    }

    /// - Returns: the reason why the transaction is over.
    private func serve(idleSince begun: UInt64) -> SQLiteError {
        let idleTimeout = writer.settings.transactionIdleTimeout
        var idleSince = begun
        while true {
            switch nextEvent(idleUntil: idleSince + idleTimeout.nanoseconds) {
            case .call(let call):
                if let ending = runCall(call, endedAt: &idleSince) { return ending }
            case .overdue(let calls):
                refuse(calls)
            case .idle:
                return SQLiteError(
                    .abort,
                    "the transaction was rolled back because it was idle for \(idleTimeout.inUnits); begin it again")
            case .abandoned:
                return SQLiteError(.misuse, "the transaction was rolled back because no code refers to it any more")
            case .halt:
                return .closed
            }
        }
    }

    private func nextEvent(idleUntil idleDeadline: UInt64) -> Event {
        writer.monitor.wait { state in
            state.isAsleep = false
            if state.mailbox.phase == .halting { return .found(.halt) }
            if let call = state.holder?.waiting.popFirst() { return .found(.call(call)) }
            if state.holder?.isAbandoned == true { return .found(.abandoned) }
            let now = writer.time.now()
            let overdue = state.mailbox.takeOverdue(submittedBefore: now, timeout: busyTimeout)
            if !overdue.isEmpty { return .found(.overdue(overdue)) }
            if now >= idleDeadline { return .found(.idle) }
            state.isAsleep = true
            let firstDeadline = state.mailbox.waiting.first.map { $0.submitted + busyTimeout }
            return .nothing(until: min(idleDeadline, firstDeadline ?? .max))
        }
    }

    /// - Returns: the reason why the transaction is over; nil if it is not over.
    private func runCall(_ call: Call, endedAt end: inout UInt64) -> SQLiteError? {
        guard call.begin() else { return nil }
        connection.interruption.busyDeadline = call.submitted + busyTimeout
        connection.interruption.call = onlyReads(call) ? call : nil
        let hasSucceeded = call.run(on: connection)
        connection.interruption.call = nil
        noteRoom(call)
        end = writer.time.now()
        defer { call.deliver() }
        guard connection.isAutocommit else { return nil }
        return hasSucceeded
            ? SQLiteError(.misuse, "the transaction is not active: it was committed or rolled back")
            : SQLiteError(.abort, "the transaction is not active: an error rolled it back; begin it again")
    }

    private func refuse(_ calls: [Call]) {
        let error = SQLiteError(
            .busy,
            "other transactions held the database for longer than \(writer.settings.busyTimeout.inUnits); "
                + "try again later")
        for call in calls {
            call.refuse(error)
        }
    }
}

extension Mailbox {
    /// Removes and returns the calls that have waited for `timeout`.
    fileprivate mutating func takeOverdue(submittedBefore now: UInt64, timeout: UInt64) -> [Call] {
        var overdue: [Call] = []
        while let first = waiting.first, first.submitted + timeout <= now {
            overdue.append(first)
            _ = waiting.popFirst()
        }
        return overdue
    }
}
