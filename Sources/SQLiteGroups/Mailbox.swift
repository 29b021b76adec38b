import WippyCollections

/// Calls in the order in which they came, whether more may come, and who waits for the end of those who take them.
struct Mailbox {
    enum Phase {
        case open
        /// Nothing new is accepted; what is queued is still done.
        case closing
        /// What is queued is refused.
        case halting
        /// No thread is left.
        case ended
    }

    var waiting = Deque<Call>()
    var phase = Phase.open
    var endWaiters: [UnsafeContinuation<Void, Never>] = []

    /// Queues a call.
    ///
    /// - Throws: `unavailable` if the database is closed or `waitingMax` calls wait already.
    mutating func append(_ call: Call, waitingMax: Int, at now: UInt64) throws(SQLiteError) {
        guard phase == .open else { throw .closed }
        guard waiting.count < waitingMax else {
            throw SQLiteError(
                .busy, "the database is overloaded: \(waitingMax) calls wait for their turn; try again later")
        }
        if call.submitted == 0 {
            call.submitted = now
        }
        waiting.append(call)
    }

    /// Accepts nothing new.
    mutating func stop(refusingQueued: Bool) {
        switch phase {
        case .open, .closing: phase = refusingQueued ? .halting : .closing
        case .halting, .ended: break
        }
    }

    /// The last thread is gone.
    ///
    /// - Returns: Those who wait for the end.
    mutating func end() -> [UnsafeContinuation<Void, Never>] {
        defer { endWaiters = [] }
        phase = .ended
        return endWaiters
    }

    /// - Returns: Whether it has ended already; if not, `continuation` is resumed at the end.
    mutating func waitForEnd(_ continuation: UnsafeContinuation<Void, Never>) -> Bool {
        guard phase != .ended else { return true }
        endWaiters.append(continuation)
        return false
    }
}
