import Synchronization
import WippyCollections
import WippyRuntime

/// A consumer's hold on a queue in the tables: claims messages for its workers that wait, for all of them at once.
///
/// It holds nothing ahead of the workers. A claim is of no more messages than workers wait, and `prefetch` at most;
/// where more wait, several claims go at once and share a commit. While a queue is known to be empty nothing is asked.
final class SQLSubscription: MessageSubscription {
    typealias Worker = CheckedContinuation<Delivery?, any Error>

    private struct State {
        var workers = WaitingLine<Worker>()
        /// How many messages the claims ask for that are on their way.
        var claiming = 0
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
        var idle: Int { workers.count - claiming }

        mutating func makeKey() -> Int {
            nextKey += 1
            return nextKey
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
        let ticket = state.withLock { $0.makeKey() }
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
        let isClosed = state.withLock { state in
            if !state.isClosed { state.workers.append(worker, ticket: ticket) }
            return state.isClosed
        }
        guard !isClosed else { return worker.resume(returning: nil) }
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
        } catch {
            // The driver says so, and has it tried again.
            state.withLock { state in
                state.claiming -= size
                state.isEmpty = true
            }
        }
        claimSoon()
    }

    /// Claims a message of those that were in hand when processes died, and hands it to a worker that waits.
    func takeSuspect() async throws {
        await hand(try await queue.claim(1, suspects: true).messages)
    }

    /// Hands messages to the workers that wait, and gives back those for which nobody waits any more.
    private func hand(_ messages: [ClaimedMessage]) async {
        let (handovers, left) = state.withLock { state in
            var handovers: [(Worker, Delivery)] = []
            for (index, message) in messages.enumerated() {
                guard !state.isClosed, let worker = state.workers.popFirst() else {
                    return (handovers, Array(messages[index...]))
                }
                let receipt = state.makeKey()
                state.inHand[receipt] = message
                handovers.append((worker, queue.delivery(of: message, receipt: receipt)))
            }
            return (handovers, [])
        }
        for (worker, delivery) in handovers { worker.resume(returning: delivery) }
        if !left.isEmpty { await giveBack(left) }
    }

    private func giveBack(_ messages: [ClaimedMessage]) async {
        for message in messages { await queue.giveBack(message) }
    }
}

// Settling, and the end.
extension SQLSubscription {
    func settle(_ delivery: Delivery, _ settlement: Settlement) async throws {
        let message = state.withLock { $0.inHand.removeValue(forKey: delivery.receipt) }
        guard let message else { return }
        do {
            try await queue.settle(message, settlement)
        } catch {
            state.withLock { $0.inHand[delivery.receipt] = message }
            throw error
        }
    }

    func close() async {
        let workers = state.withLock { state in
            state.isClosed = true
            return state.workers.removeAll()
        }
        for worker in workers { worker.resume(returning: nil) }
    }
}
