import WippyCollections
import WippyDefinition
import WippyRuntime
import WippyValues

/// What a queue in memory knows, and what follows from each event: a value without tasks, locks or a clock.
///
/// A message is in one of four places: `ready`, in the order in which it was published; `delayed`, until it is due
/// again; `claimed`, by a worker; `leaving`, on its way to the dead-letter queue. Beside them wait those who found
/// nothing to take, or no room to publish. Three things hold after each event:
///
/// - a worker waits only while nothing is ready;
/// - a publisher waits only while there is no room, and whoever came first gets it first;
/// - room is bounded for what is published, never for what comes back: a retry finds its place even in a full queue. So
///   the queue holds at most twice its length and what the workers have in hand.
///
/// `Publisher`, `Worker` and `Drainer` are what the engine resumes; the state hands them back and never calls them.
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

    /// Whether the driver runs: before it does, messages are accepted as long as there is room; afterwards none is.
    enum Phase: Sendable {
        case waiting, running, stopped
    }

    /// A worker that had waited, and what it gets.
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
    var publishers = WaitingLine<WaitingPublisher>()
    var workers = WaitingLine<WaitingWorker>()
    /// Who waits until the queue is drained, a few at most.
    var drainers: [WaitingDrainer] = []
    /// The subscriptions that have not ended, each with the tickets of its workers that wait.
    var subscriptions: [Int: Set<Int>] = [:]
    /// How many messages were ever accepted.
    private(set) var accepted = 0
    private var nextPosition = 0
    private var nextKey = 0

    /// An empty queue.
    ///
    /// - Parameter maxAttempts: how often a message is tried before it is a dead letter; nil is for ever.
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

    /// The second in which the oldest message was published that is ready, as its header says.
    var oldestTimestamp: Int? {
        var oldest: Int?
        ready.visit { item in
            guard let second = item.message.headers["timestamp"]?.integer else { return }
            oldest = min(oldest ?? second, second)
        }
        return oldest
    }

    /// The most attempts that a message has had, with the one that goes on.
    var attemptsMost: Int {
        var most = 0
        forEachWaiting { most = max(most, $0.attempts) }
        for item in claimed.values { most = max(most, item.message.attempts + 1) }
        return most
    }

    /// How many messages have a header of this value.
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

    /// Takes other settings, and the phase of the driver that the queue has now.
    ///
    /// What is in the queue stays as it is: a smaller length refuses only what is published from now on, a message that
    /// waits keeps its time, and one whose attempts are too many now is a dead letter when it fails the next time.
    ///
    /// - Parameter latest: until when those publishers wait at most that wait now. It is no later than the deadline of
    ///   any that comes, so that the first in the line is the first whose time is up.
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

    /// A number that nothing else of this queue has: a ticket, a receipt, a subscription.
    mutating func makeKey() -> Int {
        nextKey += 1
        return nextKey
    }
}

// Publishing.
extension MemoryQueueState {
    /// What became of a message that was published.
    enum Publishing: Sendable {
        /// The queue has it.
        case accepted
        /// The queue has it, and this worker gets it.
        case handed(Handover)
        /// There is no room.
        case full
        /// There is no room; the publisher waits.
        case waiting
        /// The driver does not run, so that nobody can wait for room, or takes nothing any more.
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

    /// Ends a publisher's wait without its message.
    ///
    /// - Returns: nil if it does not wait any more.
    mutating func cancelPublisher(_ ticket: Int) -> Publisher? {
        publishers.remove(ticket)?.publisher
    }

    private var hasRoom: Bool { ready.count < maxLength && delayed.count < maxLength }

    /// Gives a message the last place, or to a worker that waits.
    mutating func place(_ message: Message) -> Handover? {
        nextPosition += 1
        let item = Item(message: message, position: nextPosition)
        guard let worker = takeWorker() else {
            ready.append(item)
            return nil
        }
        return (worker, take(item))
    }

    /// Accepts a message of another queue, room or none.
    mutating func accept(_ moved: MovedMessage, now: Duration) -> Handover? {
        accepted += 1
        guard moved.delay > .zero else { return place(moved.message) }
        nextPosition += 1
        let item = Item(message: moved.message, position: nextPosition)
        delayed.insert(DelayedItem(due: now + moved.delay, item: item))
        return nil
    }

    /// Takes everything out that nobody has in hand, in order.
    mutating func takeOut(now: Duration) -> [MovedMessage] {
        var messages: [MovedMessage] = []
        while let item = ready.popFirst() { messages.append(MovedMessage(message: item.message, delay: .zero)) }
        while let next = delayed.popFirst() {
            messages.append(MovedMessage(message: next.item.message, delay: max(.zero, next.due - now)))
        }
        return messages
    }

    /// Lets in the publishers for whom there is room now.
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
    /// What a worker gets.
    enum Taking: Sendable {
        /// A message; the publisher, if there is one, had waited for the room that it leaves.
        case delivery(Delivery, admitted: Publisher?)
        /// There is nothing now.
        case nothing
        /// There is nothing; the worker waits.
        case waiting
        /// The subscription has ended.
        case ended
    }

    /// Takes the message at the head, for a worker of a subscription.
    mutating func take(for subscription: Int) -> Taking {
        guard subscriptions.keys.contains(subscription) else { return .ended }
        guard let item = ready.popFirst() else { return .nothing }
        let delivery = take(item)
        // One message left, so one place may be free; nobody who takes waits while messages are ready.
        guard hasRoom, let next = publishers.popFirst() else { return .delivery(delivery, admitted: nil) }
        accepted += 1
        _ = place(next.message)
        return .delivery(delivery, admitted: next.publisher)
    }

    /// Takes the message at the head, or lets the worker wait for one.
    mutating func take(for subscription: Int, orWait worker: Worker, ticket: Int) -> Taking {
        let result = take(for: subscription)
        guard case .nothing = result else { return result }
        workers.append(WaitingWorker(ticket: ticket, worker: worker, subscription: subscription), ticket: ticket)
        subscriptions[subscription]?.insert(ticket)
        return .waiting
    }

    /// Ends a worker's wait without a message.
    ///
    /// - Returns: nil if it does not wait any more.
    mutating func cancelWorker(_ ticket: Int) -> Worker? {
        workers.remove(ticket).map { released($0) }
    }

    /// The worker that waits for the longest time, if one does.
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
    /// What follows when a delivery is settled.
    struct Settling: Sendable {
        /// A worker that had waited gets the message.
        var handover: Handover?
        /// The message waits for its next attempt until then.
        var due: Duration?
        /// The message has had its last attempt: move it, then call ``moved(_:)`` or ``keep(_:now:draw:)``.
        var deadLetter: Message?
        /// Who waited until the queue is drained, which it is now.
        var drained: [Drainer] = []
    }

    /// The handler has done its work.
    mutating func acknowledge(_ receipt: Int) -> Settling {
        guard claimed.removeValue(forKey: receipt) != nil else { return Settling() }
        return Settling(drained: endDraining())
    }

    /// The handler never had the message, or was told to stop: it gets its place back.
    mutating func giveBack(_ receipt: Int) -> Settling {
        guard let item = claimed.removeValue(forKey: receipt) else { return Settling() }
        if let worker = takeWorker() {
            return Settling(handover: (worker, take(item)))
        }
        ready.insert(item) { $0.position > item.position }
        return Settling()
    }

    /// The handler failed.
    ///
    /// - Parameter draw: a random number, 0 up to 1, for the jitter of the delay.
    mutating func reject(_ receipt: Int, now: Duration, draw: Double) -> Settling {
        guard var item = claimed.removeValue(forKey: receipt) else { return Settling() }
        item.message.attempts += 1
        if let maxAttempts, item.message.attempts >= maxAttempts {
            leaving[receipt] = item
            return Settling(deadLetter: item.message)
        }
        return tryAgain(item, now: now, draw: draw)
    }

    /// The dead letter is in its queue.
    mutating func moved(_ receipt: Int) -> Settling {
        leaving[receipt] = nil
        return Settling(drained: endDraining())
    }

    /// The dead letter's queue had no room for it: it is tried again.
    mutating func keep(_ receipt: Int, now: Duration, draw: Double) -> Settling {
        guard let item = leaving.removeValue(forKey: receipt) else { return Settling() }
        return tryAgain(item, now: now, draw: draw)
    }

    private mutating func tryAgain(_ item: Item, now: Duration, draw: Double) -> Settling {
        let delay = retry.delay(afterAttempt: item.message.attempts, draw: draw)
        guard delay > .zero else { return Settling(handover: place(item.message)) }
        delayed.insert(DelayedItem(due: now + delay, item: item))
        return Settling(due: now + delay, drained: endDraining())
    }
}
