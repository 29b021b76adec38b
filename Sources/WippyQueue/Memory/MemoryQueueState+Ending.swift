import WippyCollections
import WippyDefinition
import WippyRuntime

// Subscriptions begin and end, and so does the driver.
extension MemoryQueueState {
    /// Begins a subscription.
    mutating func subscribe() -> Int {
        let subscription = makeKey()
        subscriptions[subscription] = []
        return subscription
    }

    /// Ends a subscription.
    ///
    /// - Returns: its workers that waited.
    mutating func close(_ subscription: Int) -> [Worker] {
        let waiting = subscriptions.removeValue(forKey: subscription) ?? []
        return waiting.sorted().compactMap { workers.remove($0)?.worker }
    }

    /// Lets a drainer wait until the queue is drained.
    ///
    /// - Returns: false if it is drained already.
    mutating func drain(_ drainer: Drainer, ticket: Int, until deadline: Duration) -> Bool {
        guard !isDrained(until: deadline) else { return false }
        drainers.append(WaitingDrainer(ticket: ticket, drainer: drainer, deadline: deadline))
        return true
    }

    /// Ends a drainer's wait.
    ///
    /// - Returns: nil if it does not wait any more.
    mutating func cancelDrainer(_ ticket: Int) -> Drainer? {
        drainers.firstIndex { $0.ticket == ticket }.map { drainers.remove(at: $0).drainer }
    }

    /// Ends the wait of the drainers for whom the queue is drained.
    mutating func endDraining() -> [Drainer] {
        guard !drainers.isEmpty else { return [] }
        var done: [Drainer] = []
        var left: [WaitingDrainer] = []
        for waiting in drainers {
            if isDrained(until: waiting.deadline) { done.append(waiting.drainer) } else { left.append(waiting) }
        }
        drainers = left
        return done
    }

    /// Whether there is nothing that is worked on, or comes to its turn before the deadline.
    private func isDrained(until deadline: Duration) -> Bool {
        ready.isEmpty && claimed.isEmpty && leaving.isEmpty && delayed.first.map { $0.due >= deadline } ?? true
    }

    /// The driver runs: from now on publishers can wait.
    ///
    /// - Returns: when ``advance(to:)`` must be called next, if at all.
    mutating func open() -> Duration? {
        phase = .running
        return nextMoment
    }

    /// The driver stops: nothing is accepted any more, and what is in the queue stays there.
    ///
    /// - Returns: the publishers that waited.
    mutating func shut() -> [Publisher] {
        phase = .stopped
        return publishers.removeAll().map(\.publisher)
    }
}

// Time passes.
extension MemoryQueueState {
    /// What follows when time has passed, or the settings have changed.
    struct Advance: Sendable {
        /// Workers that had waited, and what they get.
        var handovers: [Handover] = []
        /// Publishers whose message was accepted.
        var admitted: [Publisher] = []
        /// Publishers for whom there was no room in time.
        var expired: [Publisher] = []
        /// Publishers that cannot wait any more, since the driver does not run.
        var refused: [Publisher] = []
        /// When to call again, if nothing else asks for an earlier moment.
        var next: Duration?
    }

    /// Makes ready what is due, and ends the wait of publishers whose time is up.
    mutating func advance(to now: Duration) -> Advance {
        var result = Advance()
        while let next = delayed.first, next.due <= now, let due = delayed.popFirst() {
            if let handover = place(due.item.message) { result.handovers.append(handover) }
        }
        result.admitted = admit(&result.handovers)
        while let next = publishers.first, next.deadline <= now, let late = publishers.popFirst() {
            result.expired.append(late.publisher)
        }
        result.next = nextMoment
        return result
    }

    /// When ``advance(to:)`` must be called next.
    var nextMoment: Duration? {
        [delayed.first?.due, publishers.first?.deadline].compactMap { $0 }.min()
    }
}
