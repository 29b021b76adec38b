import WippyCollections

/// The queued calls in order, the state of the queue, and the tasks that wait for the end of the threads.
struct Mailbox {
    enum Phase {
        case open
        /// New calls are refused. Queued calls are still done.
        case closing
        /// Queued calls are refused.
        case halting
        /// No thread is left.
        case ended
    }

    var waiting = Deque<Call>()
    var phase = Phase.open
    var endWaiters: [UnsafeContinuation<Void, Never>] = []

    /// Queues a call.
    ///
    /// - Throws: `unavailable` if the database is closed, or if `maxWaiting` calls already wait.
    mutating func append(_ call: Call, maxWaiting: Int, at now: UInt64) throws(SQLiteError) {
        guard phase == .open else { throw .closed }
        guard waiting.count < maxWaiting else {
            throw SQLiteError(
                .busy, "the database is overloaded: \(maxWaiting) calls wait for their turn; try again later")
        }
        if call.submitted == 0 {
            call.submitted = now
        }
        waiting.append(call)
    }

    /// Refuses all further calls.
    ///
    /// - Parameter refusingQueued: true to refuse queued calls, too.
    mutating func stop(refusingQueued: Bool) {
        switch phase {
        case .open, .closing: phase = refusingQueued ? .halting : .closing
        case .halting, .ended: break
        }
    }

    /// Called when the last thread is gone.
    ///
    /// - Returns: the tasks that wait for the end.
    mutating func end() -> [UnsafeContinuation<Void, Never>] {
        defer { endWaiters = [] }
        phase = .ended
        return endWaiters
    }

    /// - Returns: true if the mailbox has ended. Otherwise `continuation` is resumed at the end.
    mutating func waitForEnd(_ continuation: UnsafeContinuation<Void, Never>) -> Bool {
        guard phase != .ended else { return true }
        endWaiters.append(continuation)
        return false
    }
}

/// A state that threads share, with their mailbox.
protocol MailboxState {
    var mailbox: Mailbox { get set }
}

extension Monitor where State: MailboxState {
    /// Waits until no thread is left.
    func ended() async {
        await withUnsafeContinuation { continuation in
            let hasEnded = withLock { $0.mailbox.waitForEnd(continuation) }
            if hasEnded { continuation.resume() }
        }
    }
}
