import EventLoops

/// The times at which a connection must act by itself, in milliseconds of its loop's clock.
///
/// `max` means never.
struct Deadlines {
    /// The timeout that runs for the client.
    private(set) var clientTimeout: ConnectionState.Timeout?
    private(set) var client = UInt64.max
    /// True if the client's time ran out while no task waited for the client.
    private(set) var isClientLate = false
    /// The end of the responder's time.
    var responder = UInt64.max
    /// True until the responder has returned.
    var isResponding = false
    /// The time until which a client that has closed its sending direction counts as present.
    var gone = UInt64.max
    /// The time of the next check whether the client has gone, while nothing is read from it.
    var peer = UInt64.max
    /// The time until which the client must take some bytes, and the number of unwritten bytes when that time was
    /// set.
    var write = UInt64.max
    var unwritten = 0
    /// The time for which the timer is set.
    ///
    /// The timer fires at this time or earlier.
    private(set) var armed = UInt64.max

    var next: UInt64 { min(min(client, responder), min(gone, peer), write) }

    /// Notes that the timer is set for the next deadline.
    ///
    /// - Returns: the time for which to set the timer; nil if the timer already fires at that time or earlier.
    mutating func arm() -> UInt64? {
        guard next < armed else { return nil }
        armed = next
        return armed
    }

    /// Notes that the timer has fired, so that it must be set again.
    mutating func timerFired() {
        armed = .max
    }

    /// Begins a timeout, because the connection now waits for something else.
    mutating func wait(for timeout: ConnectionState.Timeout?, until deadline: UInt64) {
        clientTimeout = timeout
        client = deadline
        isClientLate = false
    }

    /// Ends the client's timeout, so that the same timeout can count again.
    mutating func beginExchange() {
        clientTimeout = nil
        client = .max
        isClientLate = false
    }

    /// Notes that the client is late, so that the next task that waits for the client fails at once.
    mutating func clientRanOut() {
        client = .max
        isClientLate = true
    }

    mutating func extendClient(to deadline: UInt64) {
        client = deadline
    }
}

extension HTTPConnection {
    /// The time for which an idle connection is still read during a stop.
    private static let grace = Duration.milliseconds(100)
    /// The time that the client has to end after the last answer is out.
    ///
    /// It begins again each time that the client sends bytes.
    ///
    /// The total is at most the timeout of a body.
    private static let linger = Duration.seconds(1)
    /// The time for which a responder goes on after the client has closed its sending direction.
    private static let gone = Duration.seconds(1)

    /// The moment after `time`, in milliseconds of the loop's clock.
    func deadline(after time: Duration) -> UInt64 { loop.nowMilliseconds + time.milliseconds }

    /// Sets the timer for the next deadline.
    ///
    /// If a deadline has moved to a later time, the timer is not set again now. It fires early, and is set again
    /// then.
    func armTimer() {
        noteTimeout()
        guard let next = deadlines.arm() else { return }
        let now = loop.nowMilliseconds
        timer?.schedule(after: .milliseconds(next > now ? next - now : 0))
    }

    /// Begins the timeout that applies now, if it does not run yet, without setting the timer for it.
    func noteTimeout() {
        let timeout = intake.state.timeout
        if timeout != deadlines.clientTimeout { deadlines.wait(for: timeout, until: clientDeadline(timeout)) }
    }

    private func clientDeadline(_ timeout: ConnectionState.Timeout?) -> UInt64 {
        switch timeout {
        case .idle: deadline(after: share.timeouts.idle)
        case .grace: deadline(after: Self.grace)
        case .head: deadline(after: share.timeouts.header)
        case .body: deadline(after: share.timeouts.body)
        case .linger: deadline(after: Self.linger)
        case nil: .max
        }
    }

    /// Called when the responder's time begins.
    func beginTiming() {
        deadlines.beginExchange()
        deadlines.isResponding = true
        // The client may have ended together with the request, or while an earlier request was answered.
        if intake.state.peerHasEnded { clientMayBeGone() } else { deadlines.gone = .max }
        deadlines.responder = share.timeouts.responder.map(deadline(after:)) ?? .max
        if deadlines.next < deadlines.armed { armTimer() }
    }

    /// Called when the responder has returned.
    func endTiming() {
        deadlines.isResponding = false
        deadlines.responder = .max
        deadlines.gone = .max
    }

    /// Sets the responder's time, which counts from now.
    ///
    /// The call has no effect if the responder has returned, or if the client already has an answer.
    func setResponderTimeout(_ timeout: Duration?, exchange: UInt64) {
        guard exchange == self.exchange, deadlines.isResponding, intake.state.answering == .owed, !isGone else {
            return
        }
        deadlines.responder = timeout.map(deadline(after:)) ?? .max
        armTimer()
    }

    func timerFired() {
        deadlines.timerFired()
        let now = loop.nowMilliseconds
        if deadlines.responder <= now {
            deadlines.responder = .max
            abandonAnswer(.tooSlow)
        }
        if deadlines.gone <= now {
            deadlines.gone = .max
            if intake.state.answering == .owed { cancelTask() }
        }
        if deadlines.peer <= now { lookForPeer() }
        if deadlines.write <= now { expectProgress() }
        if deadlines.client <= now { clientIsLate() }
        if !isGone { armTimer() }
    }

    /// Called when the client has closed its sending direction.
    ///
    /// The client still counts as present for a while.
    func clientMayBeGone() {
        deadlines.gone = deadline(after: Self.gone)
    }

    /// Called when the held bytes are full.
    ///
    /// The client's end cannot arrive then, so the connection checks for it.
    func watchPeer() {
        deadlines.peer = deadline(after: Self.gone)
        armTimer()
    }

    private func lookForPeer() {
        deadlines.peer = .max
        guard intake.isFull else { return }
        deadlines.peer = deadline(after: Self.gone)
        // The client may have closed only its sending direction. So the responder goes on for as long as after an end
        // that was read.
        if intake.state.answering == .owed, deadlines.gone == .max, connection.hasPeerLeft {
            deadlines.gone = deadlines.peer
        }
    }

    /// Resets the connection if the client has taken nothing since the last check.
    private func expectProgress() {
        guard connection.unwrittenBytes < deadlines.unwritten else {
            deadlines.write = .max
            return connection.reset()
        }
        deadlines.unwritten = connection.unwrittenBytes
        deadlines.write = deadline(after: share.timeouts.idle)
    }

    private func clientIsLate() {
        if intake.state.timeout == .linger { return lingeredEnough() }
        switch intake.state.expire() {
        case .close:
            if waiter.isWaiting { resume(.closing) } else { beginClosing() }
        case .tooSlow:
            resume(tooSlow())
        case .ignore:
            deadlines.clientRanOut()
        }
    }

    /// Gives the client more time while it sends bytes that are dropped.
    ///
    /// If the connection closed now, the client would get a reset before it has read its answer.
    func lingerOn(until end: UInt64) {
        guard deadlines.clientTimeout == .linger else { return }
        deadlines.extendClient(to: min(deadline(after: Self.linger), end))
    }

    /// Closes the connection, except if the client is still taking its answer.
    private func lingeredEnough() {
        let unwritten = connection.unwrittenBytes
        if unwritten == 0 {
            deadlines.clientRanOut()
            connection.close()
        } else if deadlines.write == .max {
            deadlines.unwritten = unwritten
            deadlines.write = deadline(after: share.timeouts.idle)
            deadlines.extendClient(to: deadline(after: Self.linger))
        } else {
            deadlines.extendClient(to: deadline(after: Self.linger))
        }
    }
}
