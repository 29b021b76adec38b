import Synchronization
import WippyCollections
import WippyMessaging
import WippyRuntime
import WippySQL

/// The part of a queue in a database that this process knows: its length, the publishers that wait for room, and its
/// subscriptions.
///
/// Entries with the same key share it.
final class StoredQueue: Sendable {
    /// A waiting publisher.
    ///
    /// It is resumed with true if there is room, and with false if its time is up.
    typealias Publisher = CheckedContinuation<Bool, any Error>

    private struct WaitingPublisher: Sendable {
        let publisher: Publisher
        let maxLength: Int
        let deadline: Duration
    }

    private struct WeakSubscription: Sendable {
        weak let subscription: SQLSubscription?
    }

    private struct State {
        /// True if the driver runs.
        var isOpen = false
        /// The error for publishers since the queue was closed; nil if it is open, or was never open.
        var refusal: WippyError?
        var isPaused = false
        /// The number of ready and delayed messages.
        ///
        /// Another process may have changed it since the last count.
        var length = 0
        var publishers = WaitingLine<WaitingPublisher>()
        var subscriptions: [WeakSubscription] = []
        var accepted = 0
        var nextTicket = 0

        mutating func admit() -> [Publisher] {
            var admitted: [Publisher] = []
            while let next = publishers.first, length < next.maxLength {
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

    /// True if workers get messages.
    var isServed: Bool { state.withLock { $0.isOpen && !$0.isPaused } }

    /// True if the driver runs.
    var isOpen: Bool { state.withLock { $0.isOpen } }

    /// The number of messages that the queue has accepted in this process.
    var accepted: Int { state.withLock { $0.accepted } }

    /// Completes a count that stopped at `most`.
    ///
    /// If one part of the count stopped there, that part is computed from the known length.
    ///
    /// - Returns: nil if both parts stopped there.
    func completed(_ count: MessageCount, countedTo most: Int) -> MessageCount? {
        let (ready, delayed, length) = (count.ready, count.delayed, state.withLock { $0.length })
        guard ready >= most || delayed >= most else { return count }
        if delayed < most {
            return MessageCount(ready: max(ready, length - delayed), delayed: delayed, claimed: count.claimed)
        }
        guard ready < most else { return nil }
        return MessageCount(ready: ready, delayed: max(delayed, length - ready), claimed: count.claimed)
    }

    /// True if a worker waits for a message.
    var hasIdleWorkers: Bool { subscriptions.contains { $0.hasIdleWorkers } }

    private var subscriptions: [SQLSubscription] {
        state.withLock { $0.subscriptions.compactMap(\.subscription) }
    }

    /// Adds a subscription.
    ///
    /// It gets hints about messages as long as another object refers to it.
    func add(_ subscription: SQLSubscription) {
        state.withLock { state in
            state.subscriptions.removeAll { $0.subscription == nil }
            state.subscriptions.append(WeakSubscription(subscription: subscription))
        }
    }

    /// Tells the subscriptions that there may be messages.
    func ring() {
        for subscription in subscriptions { subscription.look() }
    }

    /// Gives back messages that are held for workers which did not come.
    func giveBackLeft() async {
        for subscription in subscriptions { await subscription.giveBackLeft() }
    }

    /// A subscription with a waiting worker; nil if no worker waits.
    var idleSubscription: SQLSubscription? { subscriptions.first { $0.hasIdleWorkers } }
}

// Room.
extension StoredQueue {
    /// Reserves room for a message.
    ///
    /// - Returns: false if there is no room, or if a publisher waits for room already.
    func reserve(maxLength: Int) -> Bool {
        state.withLock { state in
            guard state.length < maxLength, state.publishers.isEmpty else { return false }
            state.length += 1
            return true
        }
    }

    /// Reserves room for a message, and waits until there is room.
    ///
    /// - Returns: false if there was no room until the deadline.
    /// - Throws: `CancellationError` when the task is cancelled; the error of ``close(throwing:)`` when the queue
    ///   closes, or has been closed since it was open.
    func waitForRoom(maxLength: Int, until deadline: Duration, setAlarm: () -> Void) async throws -> Bool {
        let ticket = state.withLock { state in
            state.nextTicket += 1
            return state.nextTicket
        }
        return try await waitInLine { publisher in
            let (admitted, refusal) = state.withLock { state in
                // After the close, nothing would wake the publisher.
                guard state.refusal == nil else { return ([Publisher](), state.refusal) }
                let waiting = WaitingPublisher(publisher: publisher, maxLength: maxLength, deadline: deadline)
                state.publishers.append(waiting, ticket: ticket)
                return (state.admit(), nil)
            }
            if let refusal {
                publisher.resume(throwing: refusal)
                return false
            }
            for publisher in admitted { publisher.resume(returning: true) }
            setAlarm()
            return true
        } leaving: {
            self.cancelPublisher(ticket)
        }
    }

    private func cancelPublisher(_ ticket: Int) {
        let waiting = state.withLock { $0.publishers.remove(ticket) }
        waiting?.publisher.resume(throwing: CancellationError())
    }

    /// Notes that this process has added messages to the tables.
    func didAccept(_ count: Int = 1) { state.withLock { $0.accepted += count } }

    /// Notes that messages came back, even if there is no room.
    func didGain(_ count: Int) { state.withLock { $0.length += count } }

    /// Notes that messages left, or that reserved room is not used.
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
    /// - Returns: the deadline of the next waiting publisher; nil if no publisher waits.
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

// Methods for the driver's service.
extension StoredQueue {
    /// Takes over the length and the pause from the tables.
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
        state.withLock { ($0.isOpen, $0.refusal) = (true, nil) }
        ring()
    }

    /// Serves publishers from now on, with the length and the pause from the tables.
    ///
    /// The caller then wakes the workers. Does nothing if the queue is open already.
    func open(length: Int, isPaused: Bool) {
        state.withLock { state in
            guard !state.isOpen else { return }
            (state.isOpen, state.refusal, state.length, state.isPaused) = (true, nil, length, isPaused)
        }
    }

    /// Serves no workers and publishers from now on.
    ///
    /// Waiting publishers get an error.
    func close(throwing error: WippyError) {
        let refused = state.withLock { state in
            (state.isOpen, state.refusal) = (false, error)
            return state.publishers.removeAll()
        }
        for waiting in refused { waiting.publisher.resume(throwing: error) }
    }

    /// Pauses the queue, or ends the pause.
    func pause(_ isPaused: Bool) {
        state.withLock { $0.isPaused = isPaused }
        if !isPaused { ring() }
    }

    /// True if the queue is paused.
    var isPaused: Bool { state.withLock { $0.isPaused } }
}
