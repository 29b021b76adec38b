import WippyCollections
import WippyDefinition
import WippyRuntime

// Beginning and end of subscriptions and of the driver.
extension MemoryQueueState {
    /// Begins a subscription.
    mutating func subscribe() -> Int {
        let subscription = makeKey()
        subscriptions[subscription] = []
        return subscription
    }

    /// Ends a subscription.
    ///
    /// - Returns: the workers of the subscription that waited for a message.
    mutating func close(_ subscription: Int) -> [Worker] {
        let waiting = subscriptions.removeValue(forKey: subscription) ?? []
        return waiting.sorted().compactMap { workers.remove($0)?.worker }
    }

    /// Lets a drainer wait until the queue is drained.
    ///
    /// - Returns: false if the queue is drained already.
    mutating func drain(_ drainer: Drainer, ticket: Int, until deadline: Duration) -> Bool {
        guard !isDrained(until: deadline) else { return false }
        drainers.append(WaitingDrainer(ticket: ticket, drainer: drainer, deadline: deadline))
        return true
    }

    /// Ends a drainer's wait.
    ///
    /// - Returns: the drainer; nil if it does not wait any more.
    mutating func cancelDrainer(_ ticket: Int) -> Drainer? {
        drainers.firstIndex { $0.ticket == ticket }.map { drainers.remove(at: $0).drainer }
    }

    /// Ends the wait of the drainers whose condition is met.
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

    /// Returns true if no message is ready, claimed or moving, and if no message is due before the deadline.
    private func isDrained(until deadline: Duration) -> Bool {
        ready.isEmpty && claimed.isEmpty && leaving.isEmpty && moving == 0
            && delayed.first.map { $0.due >= deadline } ?? true
    }

    /// Notes that the driver runs.
    ///
    /// From now on, publishers can wait.
    ///
    /// - Returns: the moment for the next call of ``advance(to:)``; nil if no call is needed.
    mutating func open() -> Duration? {
        phase = .running
        return nextMoment
    }

    /// Notes that the driver stops.
    ///
    /// The queue accepts no more messages, and its messages stay in it.
    ///
    /// - Returns: the publishers that waited for room.
    mutating func shut() -> [Publisher] {
        phase = .stopped
        return publishers.removeAll().map(\.publisher)
    }
}

// The passing of time.
extension MemoryQueueState {
    /// The consequences of passed time or of changed settings.
    struct Advance: Sendable {
        /// Workers that waited, with their messages.
        var handovers: [Handover] = []
        /// Publishers whose messages were accepted.
        var admitted: [Publisher] = []
        /// Publishers that found no room in the queue in time.
        var expired: [Publisher] = []
        /// Publishers that cannot wait any more, because the driver does not run.
        var refused: [Publisher] = []
        /// The moment for the next call; nil if no call is needed.
        var next: Duration?
    }

    /// Makes due messages ready, and ends the wait of publishers whose time is up.
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

    /// The moment for the next call of ``advance(to:)``; nil if no call is needed.
    var nextMoment: Duration? {
        [delayed.first?.due, publishers.first?.deadline].compactMap { $0 }.min()
    }
}
