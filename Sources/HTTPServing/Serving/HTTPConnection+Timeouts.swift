import EventLoops

/// The moments at which a connection has to do something by itself, on its loop's clock in milliseconds.
struct Deadlines {
    /// What the client is waited for, and until when.
    private(set) var clientTimeout: ConnectionState.Timeout?
    private(set) var client = UInt64.max
    /// The client's time ran out while nobody waited for it.
    private(set) var isClientLate = false
    /// Until when the responder may take.
    var responder = UInt64.max
    /// Until when a client that has closed its sending direction counts as there.
    var gone = UInt64.max
    /// When to see whether the client is still there, since nothing is read of it.
    var peer = UInt64.max
    /// Until when the client has to have taken something, and how much was unwritten when that was set.
    var write = UInt64.max
    var unwritten = 0
    /// When the timer fires, at the latest.
    var armed = UInt64.max

    var next: UInt64 { min(min(client, responder), min(gone, peer), write) }

    /// Begins to count, since what is waited for has changed.
    mutating func wait(for timeout: ConnectionState.Timeout?, until deadline: UInt64) {
        clientTimeout = timeout
        client = deadline
        isClientLate = false
    }

    /// Forgets what the client was waited for, so that the same counts anew.
    mutating func beginExchange() {
        clientTimeout = nil
        client = .max
        isClientLate = false
    }

    /// The client is late: whoever waits for it next need not wait.
    mutating func clientRanOut() {
        client = .max
        isClientLate = true
    }

    mutating func extendClient(to deadline: UInt64) {
        client = deadline
    }
}

extension HTTPConnection {
    /// How long an idle connection is still read at a stop.
    private static let grace = Duration.milliseconds(100)
    /// How long the client may take to end once the last answer is out, or since it last sent something; in all no
    /// longer than for a body.
    private static let linger = Duration.seconds(1)
    /// How long a responder goes on for a client that has closed its sending direction.
    private static let gone = Duration.seconds(1)

    /// A moment from now on, on the loop's clock in milliseconds.
    func deadline(after time: Duration) -> UInt64 { loop.nowMilliseconds + time.milliseconds }

    /// Has the timer fire at the next deadline.
    ///
    /// A deadline that has moved later costs nothing: the timer fires early and is set again.
    func armTimer() {
        let timeout = intake.state.timeout
        if timeout != deadlines.clientTimeout { deadlines.wait(for: timeout, until: clientDeadline(timeout)) }
        let next = deadlines.next
        guard next < deadlines.armed else { return }
        deadlines.armed = next
        let now = loop.nowMilliseconds
        timer?.schedule(after: .milliseconds(next > now ? next - now : 0))
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

    /// The responder's time begins.
    func beginTiming() {
        deadlines.beginExchange()
        // The end may have come together with the request, or while one before it was answered.
        if intake.state.peerHasEnded { clientMayBeGone() } else { deadlines.gone = .max }
        deadlines.responder = share.timeouts.responder.map(deadline(after:)) ?? .max
        if deadlines.next < deadlines.armed { armTimer() }
    }

    /// The responder has returned.
    func endTiming() {
        deadlines.responder = .max
        deadlines.gone = .max
    }

    /// Changes the responder's time, which counts from now; of a later exchange than the current nothing.
    func setResponderTimeout(_ timeout: Duration?, exchange: UInt64) {
        guard exchange == self.exchange, intake.state.answering == .owed, !isGone else { return }
        deadlines.responder = timeout.map(deadline(after:)) ?? .max
        armTimer()
    }

    func timerFired() {
        deadlines.armed = .max
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

    /// The client has closed its sending direction: it counts as there for a while.
    func clientMayBeGone() {
        deadlines.gone = deadline(after: Self.gone)
    }

    /// What the client has sent is held and not wanted, so that its end cannot arrive.
    func watchPeer() {
        deadlines.peer = deadline(after: Self.gone)
        armTimer()
    }

    private func lookForPeer() {
        deadlines.peer = .max
        guard intake.isFull else { return }
        deadlines.peer = deadline(after: Self.gone)
        // It may have closed its sending direction alone, so it has the time of a client whose end was read.
        if intake.state.answering == .owed, deadlines.gone == .max, connection.hasPeerLeft {
            deadlines.gone = deadlines.peer
        }
    }

    /// The client had time to take some of what is unwritten.
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

    /// The client still sends what nobody reads: closing now would reset it before it has read its answer.
    func lingerOn(until end: UInt64) {
        guard deadlines.clientTimeout == .linger else { return }
        deadlines.extendClient(to: min(deadline(after: Self.linger), end))
    }

    /// Closes, unless the client is still taking its answer.
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
