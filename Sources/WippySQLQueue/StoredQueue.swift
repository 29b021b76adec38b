import Synchronization
import WippyCollections
import WippyRuntime
import WippySQL

/// What the process knows of a queue in the tables: how many messages wait in it, who waits for room, and who for
/// messages.
///
/// Entries of the same key share it.
final class StoredQueue: Sendable {
    /// What a publisher gets that waits: whether there is room.
    typealias Publisher = CheckedContinuation<Bool, any Error>

    private struct WaitingPublisher: Sendable {
        let publisher: Publisher
        let lengthMax: Int
        let deadline: Duration
    }

    private struct WeakSubscription: Sendable {
        weak let subscription: SQLSubscription?
    }

    private struct State {
        /// Whether the driver runs.
        var isOpen = false
        var isPaused = false
        /// Messages that are ready or delayed.
        ///
        /// Another process may have changed that since it was counted.
        var length = 0
        var publishers = WaitingLine<WaitingPublisher>()
        var subscriptions: [WeakSubscription] = []
        var accepted = 0
        var nextTicket = 0

        mutating func admit() -> [Publisher] {
            var admitted: [Publisher] = []
            while let next = publishers.first, length < next.lengthMax {
                _ = publishers.popFirst()
                length += 1
                admitted.append(next.publisher)
            }
            return admitted
        }
    }

    let key: String
    private let state = Mutex(State())

    init(key: String) {
        self.key = key
    }

    /// Whether workers get messages.
    var isServed: Bool { state.withLock { $0.isOpen && !$0.isPaused } }

    /// Whether its driver runs.
    var isOpen: Bool { state.withLock { $0.isOpen } }

    /// How many messages it has ever accepted in this process.
    var accepted: Int { state.withLock { $0.accepted } }

    /// Completes a count of which neither part went further than `most`: where one has ended there, the other says how
    /// many of all are left.
    ///
    /// - Returns: nil if both have ended there.
    func completed(_ count: MessageCount, countedTo most: Int) -> MessageCount? {
        let (ready, delayed, length) = (count.ready, count.delayed, state.withLock { $0.length })
        guard ready >= most || delayed >= most else { return count }
        if delayed < most {
            return MessageCount(ready: max(ready, length - delayed), delayed: delayed, claimed: count.claimed)
        }
        guard ready < most else { return nil }
        return MessageCount(ready: ready, delayed: max(delayed, length - ready), claimed: count.claimed)
    }

    /// Whether somebody waits for a message.
    var hasIdleWorkers: Bool { subscriptions.contains { $0.hasIdleWorkers } }

    private var subscriptions: [SQLSubscription] {
        state.withLock { $0.subscriptions.compactMap(\.subscription) }
    }

    /// Adds a subscription, which is told of messages as long as somebody refers to it.
    func add(_ subscription: SQLSubscription) {
        state.withLock { state in
            state.subscriptions.removeAll { $0.subscription == nil }
            state.subscriptions.append(WeakSubscription(subscription: subscription))
        }
    }

    /// Tells the workers that there may be messages.
    func ring() {
        for subscription in subscriptions { subscription.look() }
    }

    /// Has what is held for workers that did not come given back.
    func giveBackLeft() async {
        for subscription in subscriptions { await subscription.giveBackLeft() }
    }

    /// A worker's subscription that has nothing to do, to hand a message to.
    var idleSubscription: SQLSubscription? { subscriptions.first { $0.hasIdleWorkers } }
}

// Room.
extension StoredQueue {
    /// Takes a place for a message.
    ///
    /// - Returns: false if there is none, or somebody waits for one already.
    func reserve(lengthMax: Int) -> Bool {
        state.withLock { state in
            guard state.length < lengthMax, state.publishers.isEmpty else { return false }
            state.length += 1
            return true
        }
    }

    /// Takes a place as soon as there is one.
    ///
    /// - Returns: false if there was none until the deadline.
    /// - Throws: `CancellationError`, and what ``close(throwing:)`` is told.
    func waitForRoom(lengthMax: Int, until deadline: Duration, setAlarm: () -> Void) async throws -> Bool {
        let ticket = state.withLock { state in
            state.nextTicket += 1
            return state.nextTicket
        }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { publisher in
                let admitted = state.withLock { state in
                    let waiting = WaitingPublisher(publisher: publisher, lengthMax: lengthMax, deadline: deadline)
                    state.publishers.append(waiting, ticket: ticket)
                    return state.admit()
                }
                for publisher in admitted { publisher.resume(returning: true) }
                setAlarm()
                // The handler of the cancellation has found nothing if it ran before the publisher waited.
                if Task.isCancelled { cancelPublisher(ticket) }
            }
        } onCancel: {
            cancelPublisher(ticket)
        }
    }

    private func cancelPublisher(_ ticket: Int) {
        let waiting = state.withLock { $0.publishers.remove(ticket) }
        waiting?.publisher.resume(throwing: CancellationError())
    }

    /// Notes that a message is in the tables for which a place was taken.
    func didAccept() { state.withLock { $0.accepted += 1 } }

    /// Notes that messages came back, room or none.
    func didGain(_ count: Int) { state.withLock { $0.length += count } }

    /// Notes that messages left, or never came for which a place was taken.
    func didLose(_ count: Int) {
        guard count > 0 else { return }
        let admitted = state.withLock { state in
            state.length = max(0, state.length - count)
            return state.admit()
        }
        for publisher in admitted { publisher.resume(returning: true) }
    }

    /// Refuses the publishers whose time is up.
    ///
    /// - Returns: when the next one's is.
    func refusePublishers(at now: Duration) -> Duration? {
        let (refused, next) = state.withLock { state in
            var refused: [Publisher] = []
            while let first = state.publishers.first, first.deadline <= now {
                _ = state.publishers.popFirst()
                refused.append(first.publisher)
            }
            return (refused, state.publishers.first?.deadline)
        }
        for publisher in refused { publisher.resume(returning: false) }
        return next
    }
}

// The driver's service.
extension StoredQueue {
    /// Takes what the tables say.
    func take(length: Int, isPaused: Bool) {
        let admitted = state.withLock { state in
            state.length = length
            state.isPaused = isPaused
            return state.admit()
        }
        for publisher in admitted { publisher.resume(returning: true) }
    }

    /// Serves workers and publishers from now on.
    func open() {
        state.withLock { $0.isOpen = true }
        ring()
    }

    /// Serves nobody from now on.
    func close(throwing error: WippyError) {
        let refused = state.withLock { state in
            state.isOpen = false
            return state.publishers.removeAll()
        }
        for waiting in refused { waiting.publisher.resume(throwing: error) }
    }

    /// Pauses it, or ends the pause.
    func pause(_ isPaused: Bool) {
        state.withLock { $0.isPaused = isPaused }
        if !isPaused { ring() }
    }

    /// Whether it is paused.
    var isPaused: Bool { state.withLock { $0.isPaused } }
}
