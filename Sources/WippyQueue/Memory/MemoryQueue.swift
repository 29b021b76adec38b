import Synchronization
import WippyDefinition
import WippyLog
import WippyMessaging
import WippyRuntime
import WippyValues

/// A queue in the memory of the process.
///
/// A lock protects its ``MemoryQueueState``. After unlocking, the queue performs the actions that the state returns.
///
/// Publishing does not suspend if there is room. Taking does not suspend if there is a message. The queue prefetches no
/// messages, because taking one costs only a lock. So several subscriptions compete for each message, and a
/// subscription that ends has no messages to give back.
///
/// The settings and the driver of the queue can change while it is in use.
final class MemoryQueue: MessageQueue {
    /// A publisher that waits for room.
    ///
    /// It is resumed with false if there was no room in time.
    typealias Publisher = CheckedContinuation<Bool, any Error>
    typealias Worker = CheckedContinuation<Delivery?, any Error>
    typealias Drainer = CheckedContinuation<Void, Never>
    typealias State = MemoryQueueState<Publisher, Worker, Drainer>

    /// The settings in the queue's entry, with the driver that the entry names.
    struct Settings: Sendable {
        /// The settings of the entry that every driver follows.
        let queue: QueueSettings
        let maxLength: Int
        let deadLetters: DeadLetters?
        /// The driver, whose alarm rings when ``MemoryQueue/advance()`` must be called.
        let driver: MemoryQueueDriver
    }

    let id: EntryID
    private let clock: any RuntimeClock
    private let log: Log
    private let currentSettings: Mutex<Settings>
    private let state: Mutex<State>
    private let stamp = Mutex((second: 0, headers: ValueMap()))

    /// Creates an empty queue.
    init(_ id: EntryID, _ settings: Settings, clock: any RuntimeClock, log: Log, phase: State.Phase) {
        self.id = id
        self.clock = clock
        self.log = log
        currentSettings = Mutex(settings)
        state = Mutex(
            State(
                id: id, maxLength: settings.maxLength, retry: settings.queue.retry,
                maxAttempts: settings.deadLetters?.maxAttempts, phase: phase))
    }

    /// The current settings.
    var settings: Settings { currentSettings.withLock { $0 } }

    /// The number of messages.
    ///
    /// A message that is due counts as ready, even before the alarm rings.
    var count: MessageCount {
        advance()
        return state.withLock { $0.count }
    }

    var info: QueueInfo {
        let count = count
        let (oldest, attemptsMost) = state.withLock { ($0.oldestTimestamp, $0.attemptsMost) }
        return QueueInfo(
            count: count, dead: dead,
            oldestAge: oldest.map { .seconds(max(0, second - max($0, 0))) }, attemptsMost: attemptsMost)
    }

    /// The time in seconds since 1970.
    private var second: Int { clock.unixMilliseconds / 1000 }

    /// The number of dead letters; nil if another driver keeps them.
    private var dead: Int? {
        guard let deadLetters = settings.deadLetters else { return 0 }
        return deadLetters.queue.target.ability(MemoryQueue.self)?.letters(of: id)
    }

    /// Returns the number of dead letters in this queue that come from another queue.
    private func letters(of queue: EntryID) -> Int {
        let name = Value.string(queue.description)
        return state.withLock { $0.count(of: name, inHeader: MessageHeader.originalQueue) }
    }

    func subscribe(prefetch: Int) -> any MessageSubscription {
        MemorySubscription(queue: self, id: state.withLock { $0.subscribe() })
    }
}

// Publishing.
extension MemoryQueue {
    @discardableResult
    func publish(_ message: Message) async throws -> Bool {
        try Task.checkCancellation()
        try MessageOption.refuse(in: message.headers, for: id)
        let message = stamped(message)
        switch state.withLock({ $0.publish(message) }) {
        case .accepted: break
        case .handed(let handover): handover.worker.resume(returning: handover.delivery)
        case .full, .waiting: try await waitForRoom(message)
        case .refused: throw refusal
        }
        return true
    }

    func publishAtOnce(_ message: Message) throws -> Bool {
        try MessageOption.refuse(in: message.headers, for: id)
        return !Task.isCancelled && accept(message)
    }

    /// Accepts a message if this needs no wait.
    ///
    /// Another queue in memory uses it to move its dead letters here.
    ///
    /// - Returns: false if there is no room now, or if the driver is stopping.
    func accept(_ message: Message) -> Bool {
        let message = stamped(message)
        switch state.withLock({ $0.publish(message) }) {
        case .accepted: break
        case .handed(let handover): handover.worker.resume(returning: handover.delivery)
        case .full, .waiting, .refused: return false
        }
        return true
    }

    private func waitForRoom(_ message: Message) async throws {
        let timeout = settings.queue.publishTimeout
        guard timeout > .zero else { throw WippyError.full(id, after: timeout) }
        let ticket = state.withLock { $0.makeKey() }
        let isAccepted = try await waitInLine { publisher in
            wait(publisher, message, ticket, until: clock.now + timeout)
        } leaving: {
            self.cancelPublisher(ticket)
        }
        // The timeout may have become shorter in the meantime.
        guard isAccepted else { throw WippyError.full(id, after: min(timeout, settings.queue.publishTimeout)) }
    }

    /// Returns true if the publisher waits.
    private func wait(
        _ publisher: Publisher, _ message: Message, _ ticket: Int, until deadline: Duration
    ) -> Bool {
        switch state.withLock({ $0.publish(message, orWait: publisher, ticket: ticket, until: deadline) }) {
        case .accepted: publisher.resume(returning: true)
        case .handed(let handover):
            handover.worker.resume(returning: handover.delivery)
            publisher.resume(returning: true)
        case .full, .waiting:
            setAlarm(at: deadline)
            return true
        case .refused: publisher.resume(throwing: refusal)
        }
        return false
    }

    private func cancelPublisher(_ ticket: Int) {
        state.withLock { $0.cancelPublisher(ticket) }?.resume(throwing: CancellationError())
    }

    private var refusal: WippyError {
        WippyError(
            .unavailable, "the queue '\(id)' takes no messages: its driver does not run", isRetryable: true)
    }

    /// Returns the message with the time of its publishing.
    ///
    /// A header that its publisher has set is not changed.
    private func stamped(_ message: Message) -> Message {
        let second = second
        guard message.headers.isEmpty else { return message.stamped(at: second) }
        var message = message
        // All messages of one second share a map. So a message without headers needs no memory for them.
        message.headers = stamp.withLock { stamp in
            if stamp.second != second { stamp = (second, [MessageHeader.timestamp: .integer(second)]) }
            return stamp.headers
        }
        return message
    }
}

// Taking and settling, for the subscriptions.
extension MemoryQueue {
    fileprivate func next(for subscription: Int) async throws -> Delivery? {
        try Task.checkCancellation()
        switch state.withLock({ $0.take(for: subscription) }) {
        case .delivery(let delivery, let admitted):
            admitted?.resume(returning: true)
            return delivery
        case .ended: return nil
        case .nothing, .waiting: return try await waitForMessage(for: subscription)
        }
    }

    private func waitForMessage(for subscription: Int) async throws -> Delivery? {
        let ticket = state.withLock { $0.makeKey() }
        let delivery = try await waitInLine { worker in
            wait(worker, for: subscription, ticket)
        } leaving: {
            self.cancelWorker(ticket)
        }
        if let delivery, Task.isCancelled {
            // The message came before the cancellation, but the worker had not continued yet.
            perform(state.withLock { $0.giveBack(delivery.receipt) })
            throw CancellationError()
        }
        return delivery
    }

    /// Returns true if the worker waits.
    private func wait(_ worker: Worker, for subscription: Int, _ ticket: Int) -> Bool {
        switch state.withLock({ $0.take(for: subscription, orWait: worker, ticket: ticket) }) {
        case .delivery(let delivery, let admitted):
            admitted?.resume(returning: true)
            worker.resume(returning: delivery)
        case .ended: worker.resume(returning: nil)
        case .nothing, .waiting: return true
        }
        return false
    }

    private func cancelWorker(_ ticket: Int) {
        state.withLock { $0.cancelWorker(ticket) }?.resume(throwing: CancellationError())
    }

    fileprivate func settle(_ delivery: Delivery, _ settlement: Settlement) async -> Bool {
        let settling: State.Settling
        switch settlement {
        case .acknowledged:
            settling = state.withLock { $0.acknowledge(delivery.receipt) }
            perform(settling)
        case .returned:
            settling = state.withLock { $0.giveBack(delivery.receipt) }
            perform(settling)
        case .rejected(let reason):
            let (now, draw) = (clock.now, Double.random(in: 0..<1))
            settling = state.withLock { $0.reject(delivery.receipt, now: now, draw: draw) }
            perform(settling)
            if let message = settling.deadLetter { await move(message, delivery.receipt, reason: reason) }
        }
        return settling.isSettled
    }

    /// Moves a dead letter to its queue.
    ///
    /// If that queue does not accept it, the message stays here and is tried again.
    private func move(_ message: Message, _ receipt: Int, reason: String) async {
        // The entry may have lost its queue for dead letters since the message failed.
        guard let deadLetters = settings.deadLetters else { return keep(receipt) }
        let neighbour = deadLetters.queue.target.ability(MemoryQueue.self)
        let move = await deadLetters.move(
            message, from: id, reason: reason, at: LogTime(seconds: second), by: clock, log: log
        ) { letter in
            // A queue in memory accepts it at once or not at all.
            neighbour.map { $0.accept(letter) ? .moved : .refused(reason: "it has no room") }
        }
        guard case .moved = move else { return keep(receipt) }
        perform(state.withLock { $0.moved(receipt) })
    }

    private func keep(_ receipt: Int) {
        let (now, draw) = (clock.now, Double.random(in: 0..<1))
        perform(state.withLock { $0.keep(receipt, now: now, draw: draw) })
    }

    private func perform(_ settling: State.Settling) {
        if let handover = settling.handover { handover.worker.resume(returning: handover.delivery) }
        if let due = settling.due { setAlarm(at: due) }
        for drainer in settling.drained { drainer.resume() }
    }

    fileprivate func close(_ subscription: Int) {
        for worker in state.withLock({ $0.close(subscription) }) { worker.resume(returning: nil) }
    }
}

// Draining.
extension MemoryQueue {
    func drain(until deadline: Duration) async -> Int {
        let ticket = state.withLock { $0.makeKey() }
        await waitInLine { drainer in
            let isWaiting = state.withLock { $0.drain(drainer, ticket: ticket, until: deadline) }
            if !isWaiting { drainer.resume() }
            return isWaiting
        } leaving: {
            self.state.withLock { $0.cancelDrainer(ticket) }?.resume()
        }
        return state.withLock { $0.accepted }
    }
}

// Methods for the driver's service.
extension MemoryQueue {
    /// Lets publishers wait for room from now on.
    func open() {
        if let moment = state.withLock({ $0.open() }) { setAlarm(at: moment) }
    }

    /// Changes the settings.
    ///
    /// - Parameter phase: the phase of the driver.
    /// - Returns: the consequences, for ``perform(_:)``.
    func change(to settings: Settings, phase: State.Phase) -> State.Advance {
        // The driver changes first. A message that is delayed afterwards must set the new driver's alarm.
        currentSettings.withLock { $0 = settings }
        return state.withLock {
            $0.change(
                maxLength: settings.maxLength, retry: settings.queue.retry,
                maxAttempts: settings.deadLetters?.maxAttempts,
                phase: phase, publishersWaitUntil: clock.now + settings.queue.publishTimeout)
        }
    }

    /// Removes and returns all messages that no worker has claimed.
    ///
    /// Publishers that wait for room get it. Call ``endMove(of:)`` when the messages are in a queue again.
    func takeOut() -> [QueuedMessage] {
        let now = clock.now
        let (messages, advance) = state.withLock { state in
            let messages = state.takeOut(now: now)
            return (messages, state.advance(to: now))
        }
        perform(advance)
        return messages
    }

    /// Notes that messages of ``takeOut()`` are in a queue again.
    func endMove(of messages: [QueuedMessage]) {
        for drainer in state.withLock({ $0.endMove(of: messages.count) }) { drainer.resume() }
    }

    /// Accepts messages of another queue.
    ///
    /// - Returns: the consequences, for ``perform(_:)``.
    func accepting(_ messages: [QueuedMessage]) -> State.Advance {
        let now = clock.now
        return state.withLock { state in
            let handovers = messages.compactMap { state.accept($0, now: now) }
            var advance = state.advance(to: now)
            advance.handovers = handovers + advance.handovers
            return advance
        }
    }

    /// Makes due messages ready, refuses publishers whose time is up, and sets the alarm for the next time.
    func advance() {
        let now = clock.now
        perform(state.withLock { $0.advance(to: now) })
    }

    func perform(_ advance: State.Advance) {
        for handover in advance.handovers { handover.worker.resume(returning: handover.delivery) }
        for publisher in advance.admitted { publisher.resume(returning: true) }
        for publisher in advance.expired { publisher.resume(returning: false) }
        for publisher in advance.refused { publisher.resume(throwing: refusal) }
        if let next = advance.next { setAlarm(at: next) }
    }

    private func setAlarm(at moment: Duration) { settings.driver.alarm.set(at: moment) }

    /// Logs the number of messages that are left.
    ///
    /// Logs nothing if no messages are left.
    func logLoss() {
        let left = count
        guard left.total > 0 else { return }
        log.warning(
            "messages are left in memory; they are lost when the process ends",
            [
                "count": LogValue(left.total), "ready": LogValue(left.ready), "delayed": LogValue(left.delayed),
                "claimed": LogValue(left.claimed),
            ])
    }

    /// Accepts no messages from now on.
    func shut() {
        for publisher in state.withLock({ $0.shut() }) { publisher.resume(throwing: refusal) }
    }
}

/// A consumer's subscription to a queue in memory.
private struct MemorySubscription: MessageSubscription {
    let queue: MemoryQueue
    let id: Int

    func next() async throws -> Delivery? { try await queue.next(for: id) }
    func settle(_ delivery: Delivery, _ settlement: Settlement) async -> Bool {
        await queue.settle(delivery, settlement)
    }
    func close() { queue.close(id) }
}
