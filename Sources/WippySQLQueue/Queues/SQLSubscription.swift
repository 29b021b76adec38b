import Synchronization
import WippyCollections
import WippyMessaging
import WippyRuntime
import WippySQL

/// A consumer's subscription to a queue in a database.
///
/// It claims messages for all waiting workers at once.
///
/// A claim asks for at most one message for each waiting worker, and for at most `prefetch` messages. If more workers
/// wait, several claims run at once and share a commit. A worker that settles a message counts as waiting. So the claim
/// of its next message shares the commit that ends the last one. While a queue is known to be empty, no claim runs.
final class SQLSubscription: MessageSubscription {
    typealias Worker = CheckedContinuation<Delivery?, any Error>

    private struct State {
        var workers = WaitingLine<Worker>()
        /// The number of workers that are settling a message and will then wait for the next one.
        var settling = 0
        /// Claimed messages that wait for their workers.
        var held = Deque<ClaimedMessage>()
        /// The number of held messages at the last look.
        var heldBefore = 0
        /// The number of messages that the running claims ask for.
        var claiming = 0
        /// The number of running claims, until their messages are handed over or given back.
        var claims = 0
        /// Callers that wait for the end of the claims in order to close the subscription.
        var closers: [CheckedContinuation<Void, Never>] = []
        /// True if a task is about to claim.
        var isScheduled = false
        /// The number of hints that there may be messages.
        var news = 0
        /// True if the hints say that there is no message to claim.
        var isEmpty = false
        var isClosed = false
        /// The messages that workers have, by receipt.
        var inHand: [Int: ClaimedMessage] = [:]
        var nextKey = 0

        /// The number of workers for which no message is on the way.
        var idle: Int { workers.count + settling - held.count - claiming }

        mutating func makeKey() -> Int {
            nextKey += 1
            return nextKey
        }

        /// Notes that a worker gets a message.
        mutating func hand(_ message: ClaimedMessage, of queue: SQLQueue) -> Delivery {
            let receipt = makeKey()
            inHand[receipt] = message
            return queue.delivery(of: message, receipt: receipt)
        }

        mutating func takeHeld(of queue: SQLQueue) -> Delivery? {
            guard let message = held.popFirst() else { return nil }
            heldBefore = min(heldBefore, held.count)
            return hand(message, of: queue)
        }
    }

    private let queue: SQLQueue
    private let prefetch: Int
    private let executor: any TaskExecutor
    private let state = Mutex(State())

    init(to queue: SQLQueue, prefetch: Int, executor: any TaskExecutor) {
        self.queue = queue
        self.prefetch = prefetch
        self.executor = executor
    }

    /// True if a worker waits for which no message is on the way.
    var hasIdleWorkers: Bool { state.withLock { $0.idle > 0 } }

    /// Notes that there may be messages, and claims them.
    func look() {
        state.withLock { state in
            state.news += 1
            state.isEmpty = false
        }
        claimSoon()
    }
}

// Taking.
extension SQLSubscription {
    func next() async throws -> Delivery? {
        try Task.checkCancellation()
        let (held, ticket) = state.withLock { state in (state.takeHeld(of: queue), state.makeKey()) }
        if let held { return held }
        let delivery = try await waitInLine { worker in
            wait(worker, ticket)
        } leaving: {
            self.cancelWorker(ticket)
        }
        guard let delivery, Task.isCancelled else { return delivery }
        // The message came before the cancellation, but the worker had not continued yet.
        let unwanted = state.withLock { $0.inHand.removeValue(forKey: delivery.receipt) }
        if let unwanted { await giveBack([unwanted]) }
        throw CancellationError()
    }

    /// Returns true if the worker waits.
    private func wait(_ worker: Worker, _ ticket: Int) -> Bool {
        let (held, isWaiting) = state.withLock { state -> (Delivery?, Bool) in
            // A message may have come in between.
            if let held = state.takeHeld(of: queue) { return (held, false) }
            if !state.isClosed { state.workers.append(worker, ticket: ticket) }
            return (nil, !state.isClosed)
        }
        if !isWaiting {
            worker.resume(returning: held)
        } else if !Task.isCancelled {
            claimSoon()
        }
        return isWaiting
    }

    private func cancelWorker(_ ticket: Int) {
        state.withLock { $0.workers.remove(ticket) }?.resume(throwing: CancellationError())
    }

    /// Claims messages for the waiting workers, after the other ready tasks have run.
    ///
    /// Then the workers of these tasks may wait, too.
    private func claimSoon() {
        guard queue.canBeClaimed else { return }
        let schedules = state.withLock { state in
            guard !state.isScheduled, !state.isEmpty, !state.isClosed, state.idle > 0 else { return false }
            state.isScheduled = true
            return true
        }
        if schedules { Task(executorPreference: executor) { await self.claimAll() } }
    }

    private func claimAll() async {
        let (sizes, news) = state.withLock { state in
            var sizes: [Int] = []
            while !state.isClosed, state.idle > 0 {
                sizes.append(min(state.idle, prefetch))
                state.claiming += min(state.idle, prefetch)
            }
            state.claims += sizes.count
            state.isScheduled = false
            return (sizes, state.news)
        }
        for size in sizes.dropFirst() {
            Task(executorPreference: executor) { await self.claim(size, news: news) }
        }
        if let first = sizes.first { await claim(first, news: news) }
    }

    /// Claims messages and hands them to workers.
    ///
    /// - Parameter news: the number of hints at the time of the decision.
    private func claim(_ size: Int, news: Int) async {
        do {
            let found = try await queue.claim(size)
            state.withLock { state in
                state.claiming -= size
                if let found, found.claimed < size, state.news == news { state.isEmpty = true }
            }
            if let found {
                await hand(found.messages)
                if found.claimed < size { queue.driver.workerWaits(at: queue.stored) }
            }
        } catch {
            // The driver logs the failure, and starts another claim later.
            state.withLock { state in
                state.claiming -= size
                state.isEmpty = true
            }
        }
        let closers = state.withLock { state in
            state.claims -= 1
            return state.claims == 0 ? exchange(&state.closers, with: []) : []
        }
        for closer in closers { closer.resume() }
        claimSoon()
    }

    /// Claims a suspect, and hands it to a waiting worker.
    ///
    /// - Returns: true if there was a suspect.
    func takeSuspect() async throws -> Bool {
        guard let found = try await queue.claim(1, suspects: true) else { return false }
        await hand(found.messages)
        return found.claimed > 0
    }

    /// Hands messages to waiting workers.
    ///
    /// Holds the remaining messages for workers that will come soon.
    private func hand(_ messages: [ClaimedMessage]) async {
        let (handovers, isClosed) = state.withLock { state in
            var handovers: [(Worker, Delivery)] = []
            guard !state.isClosed else { return (handovers, true) }
            for message in messages {
                if let worker = state.workers.popFirst() {
                    handovers.append((worker, state.hand(message, of: queue)))
                } else {
                    state.held.append(message)
                }
            }
            return (handovers, false)
        }
        for (worker, delivery) in handovers { worker.resume(returning: delivery) }
        if isClosed { await giveBack(messages) }
    }

    /// Gives back messages for which no worker has come.
    ///
    /// These are the messages that were held already at the last call.
    func giveBackLeft() async {
        let left = state.withLock { state in
            defer { state.heldBefore = state.held.count }
            return (0..<state.heldBefore).compactMap { _ in state.held.popFirst() }
        }
        await giveBack(left)
    }

    private func giveBack(_ messages: [ClaimedMessage]) async {
        for message in messages { await queue.giveBack(message) }
    }
}

// Settling messages, and the end of the subscription.
extension SQLSubscription {
    func settle(_ delivery: Delivery, _ settlement: Settlement) async throws -> Bool {
        // A worker that gives a message back, or that is cancelled, will end soon.
        let comesAgain = !settlement.isReturn && !Task.isCancelled
        let message = state.withLock { state in
            let message = state.inHand.removeValue(forKey: delivery.receipt)
            if comesAgain, message != nil { state.settling += 1 }
            return message
        }
        guard let message else { return false }
        if comesAgain { claimSoon() }
        do {
            let isSettled = try await queue.settle(message, settlement)
            if comesAgain { state.withLock { $0.settling -= 1 } }
            return isSettled
        } catch {
            // After an error that is final, the worker does not settle the message again.
            let isFinal = (error as? WippyError)?.isRetryable == false
            state.withLock { state in
                if comesAgain { state.settling -= 1 }
                if !isFinal { state.inHand[delivery.receipt] = message }
            }
            if isFinal { await queue.giveBack(message) }
            queue.driver.countSoon()
            throw error
        }
    }

    func close() async {
        let (workers, left) = state.withLock { state in
            state.isClosed = true
            state.heldBefore = 0
            return (state.workers.removeAll(), state.held.popAll())
        }
        for worker in workers { worker.resume(returning: nil) }
        await giveBack(left)
        await withCheckedContinuation { closer in
            let isOver = state.withLock { state in
                if state.claims > 0 { state.closers.append(closer) }
                return state.claims == 0
            }
            if isOver { closer.resume() }
        }
    }
}

extension Settlement {
    /// True if the message goes back without counting the attempt.
    fileprivate var isReturn: Bool {
        if case .returned = self { true } else { false }
    }
}
