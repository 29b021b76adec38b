import Synchronization
import WippyCollections
import WippyRuntime
import WippySQL

/// A consumer's hold on a queue in the tables: claims messages for its workers that wait, for all of them at once.
///
/// A claim is of no more messages than workers wait, and `prefetch` at most; where more wait, several claims go at once
/// and share a commit. A worker whose message is being settled counts among them: the claim of its next message shares
/// the commit of the end of its last one. While a queue is known to be empty nothing is asked.
final class SQLSubscription: MessageSubscription {
    typealias Worker = CheckedContinuation<Delivery?, any Error>

    private struct State {
        var workers = WaitingLine<Worker>()
        /// How many workers settle a message, and then wait for the next.
        var settling = 0
        /// Messages that are claimed for workers who have not come for them yet.
        var held = Deque<ClaimedMessage>()
        /// How many of these were there when it was last looked.
        var heldBefore = 0
        /// How many messages the claims ask for that are on their way.
        var claiming = 0
        /// How many claims are on their way, until what they brought is handed over or given back.
        var claims = 0
        /// Who waits for their end to close the subscription.
        var closers: [CheckedContinuation<Void, Never>] = []
        /// Whether a task is about to claim.
        var isScheduled = false
        /// How often it was said that there may be messages.
        var news = 0
        /// Whether there is nothing to claim, as far as the news goes.
        var isEmpty = false
        var isClosed = false
        /// What workers have, by receipt.
        var inHand: [Int: ClaimedMessage] = [:]
        var nextKey = 0

        /// Workers for whom nothing is on its way.
        var idle: Int { workers.count + settling - held.count - claiming }

        mutating func makeKey() -> Int {
            nextKey += 1
            return nextKey
        }

        /// Notes that a worker has a message.
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

    /// Whether a worker waits for whom nothing is on its way.
    var hasIdleWorkers: Bool { state.withLock { $0.idle > 0 } }

    /// There may be messages.
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
        let delivery = try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { worker in wait(worker, ticket) }
        } onCancel: {
            cancelWorker(ticket)
        }
        guard let delivery, Task.isCancelled else { return delivery }
        // A message came first, and the cancellation before the worker went on.
        let unwanted = state.withLock { $0.inHand.removeValue(forKey: delivery.receipt) }
        if let unwanted { await giveBack([unwanted]) }
        throw CancellationError()
    }

    private func wait(_ worker: Worker, _ ticket: Int) {
        let (held, isWaiting) = state.withLock { state -> (Delivery?, Bool) in
            // One may have come in between.
            if let held = state.takeHeld(of: queue) { return (held, false) }
            if !state.isClosed { state.workers.append(worker, ticket: ticket) }
            return (nil, !state.isClosed)
        }
        guard isWaiting else { return worker.resume(returning: held) }
        // The handler of the cancellation has found nothing if it ran before the worker waited.
        guard !Task.isCancelled else { return cancelWorker(ticket) }
        claimSoon()
    }

    private func cancelWorker(_ ticket: Int) {
        state.withLock { $0.workers.remove(ticket) }?.resume(throwing: CancellationError())
    }

    /// Claims what the workers wait for, once those that are ready to run have run and maybe wait, too.
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
    /// - Parameter news: how often there was news when it was decided.
    private func claim(_ size: Int, news: Int) async {
        do {
            let found = try await queue.claim(size)
            state.withLock { state in
                state.claiming -= size
                if found.claimed < size, state.news == news { state.isEmpty = true }
            }
            await hand(found.messages)
            if found.claimed < size { queue.driver.workerWaits(at: queue.stored) }
        } catch {
            // The driver says so, and has it tried again.
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

    /// Claims a message of those that were in hand when processes died, and hands it to a worker that waits.
    ///
    /// - Returns: whether there was one.
    func takeSuspect() async throws -> Bool {
        let found = try await queue.claim(1, suspects: true)
        await hand(found.messages)
        return found.claimed > 0
    }

    /// Hands messages to the workers that wait, and holds those whose workers are about to come.
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

    /// Gives back what is held for nobody: called from time to time, each time for what was held already the last time.
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

// Settling, and the end.
extension SQLSubscription {
    func settle(_ delivery: Delivery, _ settlement: Settlement) async throws {
        // A worker that gives a message back, or is cancelled, is about to end.
        let comesAgain = !settlement.isReturn && !Task.isCancelled
        let message = state.withLock { state in
            let message = state.inHand.removeValue(forKey: delivery.receipt)
            if comesAgain, message != nil { state.settling += 1 }
            return message
        }
        guard let message else { return }
        if comesAgain { claimSoon() }
        do {
            try await queue.settle(message, settlement)
            if comesAgain { state.withLock { $0.settling -= 1 } }
        } catch {
            state.withLock { state in
                if comesAgain { state.settling -= 1 }
                state.inHand[delivery.receipt] = message
            }
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
    /// Whether the message goes back as it was.
    fileprivate var isReturn: Bool {
        if case .returned = self { true } else { false }
    }
}
