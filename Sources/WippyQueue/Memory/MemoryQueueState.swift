import WippyCollections
import WippyDefinition
import WippyMessaging
import WippyValues

/// The state of a queue in memory, and the rules for its changes.
///
/// It is a value without tasks, locks or a clock.
///
/// A message is in one of four places: `ready`, in the order of the turns; `delayed`, until it is due again;
/// `claimed`, by a worker; `leaving`, while it moves to the queue for dead letters. Workers wait for a message, and
/// publishers wait for room. Three rules hold after each change:
///
/// - A worker waits only while no message is ready.
/// - A publisher waits only while there is no room. The publisher that came first gets room first.
/// - Only publishing needs room. A message that comes back for a retry is accepted even in a full queue. So the queue
///   holds at most twice its length, plus the messages of the workers, unless messages of another queue moved here.
///
/// The queue resumes `Publisher`, `Worker` and `Drainer`. The state returns them and never calls them.
struct MemoryQueueState<Publisher: Sendable, Worker: Sendable, Drainer: Sendable>: Sendable {
    /// A message with its place in the order of the queue.
    struct Item: Sendable {
        var message: Message
        var position: Int
    }

    /// A message that waits for its next attempt.
    struct DelayedItem: Sendable, Comparable {
        let due: Duration
        let item: Item

        static func < (left: Self, right: Self) -> Bool {
            (left.due, left.item.position) < (right.due, right.item.position)
        }

        static func == (left: Self, right: Self) -> Bool {
            (left.due, left.item.position) == (right.due, right.item.position)
        }
    }

    struct WaitingPublisher: Sendable {
        let publisher: Publisher
        let message: Message
        var deadline: Duration
    }

    struct WaitingWorker: Sendable {
        let ticket: Int
        let worker: Worker
        let subscription: Int
    }

    struct WaitingDrainer: Sendable {
        let ticket: Int
        let drainer: Drainer
        let deadline: Duration
    }

    /// The phase of the driver.
    ///
    /// Before the driver runs, messages are accepted while there is room. After it has stopped, no messages are
    /// accepted.
    enum Phase: Sendable {
        case waiting, running, stopped
    }

    /// A worker that waited, with its message.
    typealias Handover = (worker: Worker, delivery: Delivery)

    let id: EntryID
    private(set) var maxLength: Int
    private(set) var retry: QueueRetry
    private(set) var maxAttempts: Int?

    var phase: Phase
    var ready = Deque<Item>()
    var delayed = Heap<DelayedItem>()
    var claimed: [Int: Item] = [:]
    var leaving: [Int: Item] = [:]
    /// The number of messages that ``takeOut(now:)`` has removed, and that another queue has not accepted yet.
    private(set) var moving = 0
    var publishers = WaitingLine<WaitingPublisher>()
    var workers = WaitingLine<WaitingWorker>()
    /// The callers that wait until the queue is drained.
    ///
    /// There are only a few.
    var drainers: [WaitingDrainer] = []
    /// The open subscriptions, each with the tickets of its waiting workers.
    var subscriptions: [Int: Set<Int>] = [:]
    /// The number of messages that the queue has accepted since it was made.
    private(set) var accepted = 0
    private var nextPosition = 0
    private var nextKey = 0

    /// Creates an empty queue.
    ///
    /// - Parameter maxAttempts: the number of attempts after which a message becomes a dead letter; nil if messages are
    ///   tried for ever.
    init(id: EntryID, maxLength: Int, retry: QueueRetry, maxAttempts: Int?, phase: Phase) {
        self.id = id
        self.maxLength = maxLength
        self.retry = retry
        self.maxAttempts = maxAttempts
        self.phase = phase
    }

    var count: MessageCount {
        MessageCount(ready: ready.count, delayed: delayed.count, claimed: claimed.count + leaving.count)
    }

    /// The second in which the oldest ready message was published, from its header `timestamp`.
    var oldestTimestamp: Int? {
        var oldest: Int?
        ready.visit { item in
            guard let second = item.message.headers[MessageHeader.timestamp]?.integer else { return }
            oldest = min(oldest ?? second, second)
        }
        return oldest
    }

    /// The largest number of attempts of a message, including a running attempt.
    var attemptsMost: Int {
        var most = 0
        forEachWaiting { most = max(most, $0.attempts) }
        for item in claimed.values { most = max(most, item.message.attempts + 1) }
        return most
    }

    /// Returns the number of messages in which the header with this name has this value.
    func count(of value: Value, inHeader name: String) -> Int {
        var count = 0
        forEachWaiting { if $0.headers[name] == value { count += 1 } }
        for item in claimed.values where item.message.headers[name] == value { count += 1 }
        return count
    }

    private func forEachWaiting(_ body: (Message) -> Void) {
        ready.visit { body($0.message) }
        delayed.visit { body($0.item.message) }
        for item in leaving.values { body(item.message) }
    }

    /// Changes the settings and the phase of the driver.
    ///
    /// The messages in the queue do not change. A smaller length refuses only new messages. A delayed message keeps its
    /// time. A message with too many attempts becomes a dead letter at its next failure.
    ///
    /// - Parameter latest: the new latest deadline of the waiting publishers. It must not be later than the deadline of
    ///   any later publisher. So the deadlines in the waiting line stay in order.
    mutating func change(
        maxLength: Int, retry: QueueRetry, maxAttempts: Int?, phase: Phase, publishersWaitUntil latest: Duration
    ) -> Advance {
        self.maxLength = maxLength
        self.retry = retry
        self.maxAttempts = maxAttempts
        self.phase = phase
        var result = Advance()
        guard phase == .running else {
            result.refused = publishers.removeAll().map(\.publisher)
            return result
        }
        result.admitted = admit(&result.handovers)
        publishers.update { $0.deadline = min($0.deadline, latest) }
        result.next = nextMoment
        return result
    }

    /// Returns a number that is unique in this queue, for a ticket, a receipt or a subscription.
    mutating func makeKey() -> Int {
        nextKey += 1
        return nextKey
    }
}

// Publishing.
extension MemoryQueueState {
    /// The result of publishing a message.
    enum Publishing: Sendable {
        /// The queue has accepted the message.
        case accepted
        /// The queue has accepted the message, and this worker gets it.
        case handed(Handover)
        /// There is no room.
        case full
        /// There is no room, and the publisher waits.
        case waiting
        /// The driver has stopped, or it does not run yet and there is no room. Then publishers cannot wait.
        case refused
    }

    /// Accepts a message if there is room.
    mutating func publish(_ message: Message) -> Publishing {
        guard phase != .stopped else { return .refused }
        guard hasRoom, publishers.isEmpty else { return phase == .running ? .full : .refused }
        accepted += 1
        return place(message).map { .handed($0) } ?? .accepted
    }

    /// Accepts a message, or lets its publisher wait until the deadline.
    mutating func publish(
        _ message: Message, orWait publisher: Publisher, ticket: Int, until deadline: Duration
    ) -> Publishing {
        let result = publish(message)
        guard case .full = result else { return result }
        publishers.append(
            WaitingPublisher(publisher: publisher, message: message, deadline: deadline), ticket: ticket)
        return .waiting
    }

    /// Ends a publisher's wait without accepting its message.
    ///
    /// - Returns: the publisher; nil if it does not wait any more.
    mutating func cancelPublisher(_ ticket: Int) -> Publisher? {
        publishers.remove(ticket)?.publisher
    }

    private var hasRoom: Bool { ready.count < maxLength && delayed.count < maxLength }

    /// Appends a message to the queue, or gives the message to a waiting worker.
    mutating func place(_ message: Message) -> Handover? {
        nextPosition += 1
        let item = Item(message: message, position: nextPosition)
        guard let worker = takeWorker() else {
            ready.append(item)
            return nil
        }
        return (worker, take(item))
    }

    /// Accepts a message of another queue, even if there is no room.
    mutating func accept(_ moved: QueuedMessage, now: Duration) -> Handover? {
        accepted += 1
        guard moved.delay > .zero else { return place(moved.message) }
        nextPosition += 1
        let item = Item(message: moved.message, position: nextPosition)
        delayed.insert(DelayedItem(due: now + moved.delay, item: item))
        return nil
    }

    /// Removes and returns all messages that no worker has claimed, in order.
    ///
    /// Call ``endMove(of:)`` when another queue, or this one again, has accepted them.
    mutating func takeOut(now: Duration) -> [QueuedMessage] {
        var messages: [QueuedMessage] = []
        while let item = ready.popFirst() { messages.append(QueuedMessage(message: item.message, delay: .zero)) }
        while let next = delayed.popFirst() {
            messages.append(QueuedMessage(message: next.item.message, delay: max(.zero, next.due - now)))
        }
        moving += messages.count
        return messages
    }

    /// Notes that this number of removed messages is in a queue again.
    ///
    /// - Returns: the callers that waited until the queue was drained.
    mutating func endMove(of count: Int) -> [Drainer] {
        moving -= count
        return endDraining()
    }

    /// Accepts the messages of waiting publishers while there is room.
    mutating func admit(_ handovers: inout [Handover]) -> [Publisher] {
        var admitted: [Publisher] = []
        while hasRoom, let next = publishers.popFirst() {
            accepted += 1
            if let handover = place(next.message) { handovers.append(handover) }
            admitted.append(next.publisher)
        }
        return admitted
    }
}

// Taking.
extension MemoryQueueState {
    /// The result of a worker's request for a message.
    enum Taking: Sendable {
        /// A message. `admitted` is the publisher whose message was accepted because there is room now; nil for none.
        case delivery(Delivery, admitted: Publisher?)
        /// There is no message now.
        case nothing
        /// There is no message, and the worker waits.
        case waiting
        /// The subscription has ended.
        case ended
    }

    /// Takes the first message for a worker of a subscription.
    mutating func take(for subscription: Int) -> Taking {
        guard subscriptions.keys.contains(subscription) else { return .ended }
        guard let item = ready.popFirst() else { return .nothing }
        let delivery = take(item)
        // One message has left, so there may be room for another. No worker waits while messages are ready.
        guard hasRoom, let next = publishers.popFirst() else { return .delivery(delivery, admitted: nil) }
        accepted += 1
        _ = place(next.message)
        return .delivery(delivery, admitted: next.publisher)
    }

    /// Takes the first message, or lets the worker wait for one.
    mutating func take(for subscription: Int, orWait worker: Worker, ticket: Int) -> Taking {
        let result = take(for: subscription)
        guard case .nothing = result else { return result }
        workers.append(WaitingWorker(ticket: ticket, worker: worker, subscription: subscription), ticket: ticket)
        subscriptions[subscription]?.insert(ticket)
        return .waiting
    }

    /// Ends a worker's wait without a message.
    ///
    /// - Returns: the worker; nil if it does not wait any more.
    mutating func cancelWorker(_ ticket: Int) -> Worker? {
        workers.remove(ticket).map { released($0) }
    }

    /// Takes the worker that has waited longest; nil if no worker waits.
    private mutating func takeWorker() -> Worker? {
        workers.popFirst().map { released($0) }
    }

    private mutating func released(_ waiting: WaitingWorker) -> Worker {
        subscriptions[waiting.subscription]?.remove(waiting.ticket)
        return waiting.worker
    }

    private mutating func take(_ item: Item) -> Delivery {
        let receipt = makeKey()
        claimed[receipt] = item
        return Delivery(message: item.message, queue: id, attempt: item.message.attempts + 1, receipt: receipt)
    }
}

// Settling.
extension MemoryQueueState {
    /// The consequences of settling a delivery.
    struct Settling: Sendable {
        /// False if nothing was settled, because no worker has a message with the receipt.
        var isSettled = true
        /// A waiting worker that gets the message.
        var handover: Handover?
        /// The moment of the message's next attempt; nil if the message need not wait.
        var due: Duration?
        /// The message, if it has had its last attempt; otherwise nil.
        ///
        /// Move it, and then call ``moved(_:)`` or ``keep(_:now:draw:)``.
        var deadLetter: Message?
        /// The callers that waited until the queue was drained.
        var drained: [Drainer] = []
    }

    /// Settles a message whose handler has done its work.
    mutating func acknowledge(_ receipt: Int) -> Settling {
        guard claimed.removeValue(forKey: receipt) != nil else { return Settling(isSettled: false) }
        return Settling(drained: endDraining())
    }

    /// Settles a message that its handler did not get or did not finish.
    ///
    /// The message gets its old place back.
    mutating func giveBack(_ receipt: Int) -> Settling {
        guard let item = claimed.removeValue(forKey: receipt) else { return Settling(isSettled: false) }
        if let worker = takeWorker() {
            return Settling(handover: (worker, take(item)))
        }
        ready.insert(item) { $0.position > item.position }
        return Settling()
    }

    /// Settles a message whose handler has failed.
    ///
    /// - Parameter draw: a random number from 0 to below 1, for the jitter of the delay.
    mutating func reject(_ receipt: Int, now: Duration, draw: Double) -> Settling {
        guard var item = claimed.removeValue(forKey: receipt) else { return Settling(isSettled: false) }
        item.message.attempts += 1
        if let maxAttempts, item.message.attempts >= maxAttempts {
            leaving[receipt] = item
            return Settling(deadLetter: item.message)
        }
        return tryAgain(item, now: now, draw: draw)
    }

    /// Notes that a dead letter is in its queue.
    mutating func moved(_ receipt: Int) -> Settling {
        leaving[receipt] = nil
        return Settling(drained: endDraining())
    }

    /// Notes that the queue for dead letters had no room.
    ///
    /// The message is tried again.
    mutating func keep(_ receipt: Int, now: Duration, draw: Double) -> Settling {
        guard let item = leaving.removeValue(forKey: receipt) else { return Settling(isSettled: false) }
        return tryAgain(item, now: now, draw: draw)
    }

    private mutating func tryAgain(_ item: Item, now: Duration, draw: Double) -> Settling {
        let delay = retry.delay(afterAttempt: item.message.attempts, draw: draw)
        guard delay > .zero else { return Settling(handover: place(item.message)) }
        delayed.insert(DelayedItem(due: now + delay, item: item))
        return Settling(due: now + delay, drained: endDraining())
    }
}
