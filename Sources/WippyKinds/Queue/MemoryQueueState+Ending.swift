import WippyDefinition
import WippyRuntime

// Subscriptions begin and end, and so does the driver.
extension MemoryQueueState {
    /// Begins a subscription.
    mutating func subscribe() -> Int {
        let subscription = makeKey()
        subscriptions.append((id: subscription, isDraining: false))
        return subscription
    }

    /// Lets a subscription end as soon as nothing is ready and nothing is in anybody's hands.
    ///
    /// - Returns: its workers that waited, if that is now.
    mutating func drain(_ subscription: Int) -> [Worker] {
        for index in subscriptions.indices where subscriptions[index].id == subscription {
            subscriptions[index].isDraining = true
        }
        return endDrained()
    }

    /// Ends a subscription now.
    ///
    /// - Returns: its workers that waited.
    mutating func close(_ subscription: Int) -> [Worker] {
        subscriptions.removeAll { $0.id == subscription }
        return workers.removeAll { $0.subscription == subscription }.map(\.worker)
    }

    /// Ends the subscriptions that drain, if there is nothing left that they wait for.
    ///
    /// - Returns: their workers that waited.
    mutating func endDrained() -> [Worker] {
        guard taken.isEmpty, leaving.isEmpty, ready.isEmpty, subscriptions.contains(where: \.isDraining) else {
            return []
        }
        return subscriptions.filter(\.isDraining).flatMap { close($0.id) }
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
        return publishers.removeAll { _ in true }.map(\.publisher)
    }
}

// Time passes.
extension MemoryQueueState {
    /// What follows when time has passed.
    struct Advance: Sendable {
        /// Workers that had waited, and what they get.
        var handovers: [Handover] = []
        /// Publishers whose message was accepted.
        var admitted: [Publisher] = []
        /// Publishers for whom there was no room in time.
        var expired: [Publisher] = []
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

    private var nextMoment: Duration? {
        [delayed.first?.due, publishers.first?.deadline].compactMap { $0 }.min()
    }
}
