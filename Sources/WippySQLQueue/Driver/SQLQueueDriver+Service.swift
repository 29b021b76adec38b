import Synchronization
import WippyLog
import WippyMessaging
import WippyRuntime
import WippySQL
import WippyText

// The service.
extension SQLQueueDriver: ManagedService {
    /// The time between two checks for the work of other processes.
    static let tick = Duration.seconds(1)
    /// The pause after a count of all messages is this many times as long as the count.
    private static let restBetweenCounts = 20

    func run(ready: @escaping @Sendable () -> Void, stop: StopSignal) async throws {
        try await QueueSchema.migrate(table.database.target)
        let (owner, lock) = try await table.addOwner(at: time.now)
        do {
            try await serve(as: owner, holding: lock, ready: ready, stop: stop)
        } catch {
            await lock.release()
            throw error
        }
        await lock.release()
    }

    private func serve(
        as owner: Int, holding lock: any OwnerLock, ready: @escaping @Sendable () -> Void, stop: StopSignal
    ) async throws {
        state.withLock { state in
            state.owner = owner
            state.claims.restart()
        }
        adjustDatabase()
        let counted: [StoredQueue]
        do {
            try await recover(beside: owner)
            counted = try await count()
            try await lookAhead()
        } catch {
            await leave(owner)
            throw error
        }
        state.withLock { $0.isServing = true }
        for queue in counted { queue.open() }
        ready()
        let isLost = await withTaskGroup(of: Bool.self) { group in
            group.addTask { [self] in
                await alarm.run(by: clock) { await timePassed() }
                return false
            }
            group.addTask { [self] in await watch(owner, holding: lock) }
            group.addTask {
                await stop.wait()
                return false
            }
            let isLost = await group.next() ?? false
            group.cancelAll()
            return isLost
        }
        await leave(owner)
        if isLost {
            throw WippyError(
                .unavailable,
                "the database has lost this process's lock \(owner): other processes take the messages of this process",
                isRetryable: true)
        }
    }

    /// Ends the service's work.
    ///
    /// The queues close, and claimed messages are given back.
    private func leave(_ owner: Int) async {
        state.withLock { ($0.owner, $0.isServing) = (nil, false) }
        for queue in queues {
            queue.close(
                throwing: WippyError(
                    .unavailable, "the queue '\(queue.key)' takes no messages: its driver has stopped",
                    isRetryable: true))
        }
        // If that fails, or the process dies first, the next start finds a dead owner.
        await uncancelled { [self] in
            do { try await table.leave(owner) } catch { health.didFail(error) }
        }
        adjustDatabase()
    }

    /// Opens a queue that was made after the service had opened the others.
    ///
    /// A publisher calls this, or the service itself. If the publisher has a transaction, it must pass the transaction:
    /// a database with one connection answers no other call until the transaction ends.
    ///
    /// - Parameter transaction: the transaction of the publisher; nil for none.
    /// - Returns: false if the service does not serve the queues.
    func open(_ queue: StoredQueue, in transaction: (any SQLTransaction)? = nil) async throws -> Bool {
        guard let owner = state.withLock({ $0.isServing ? $0.owner : nil }) else { return false }
        let count = try await table.count(of: queue.key, in: transaction)
        let paused = try await table.paused(in: transaction)
        let isRunning = state.withLock { state in
            guard state.owner == owner else { return false }
            queue.open(length: count.ready + count.delayed, isPaused: paused.contains(ExactText(queue.key)))
            return true
        }
        if isRunning { queue.ring() }
        return isRunning
    }

    /// Makes the service look at once for queues that are not open.
    func openSoon() { state.withLock { $0.nextLook.take() }?.fire() }

    /// Makes the service count the messages and wake the workers at its next look.
    ///
    /// Call it after an error that leaves open whether the database has stored a change.
    func countSoon() { state.withLock { $0.mustCount = true } }

    /// Reads the lengths of the queues, and which are paused, from the tables.
    ///
    /// - Returns: the queues.
    @discardableResult
    func count() async throws -> [StoredQueue] {
        let (lengths, paused) = (try await table.lengths(), try await table.paused())
        let queues = queues
        for queue in queues {
            let key = ExactText(queue.key)
            queue.take(length: lengths[key] ?? 0, isPaused: paused.contains(key))
        }
        guard !queues.contains(where: \.isOpen) else { return queues }
        let known = Set(queues.map { ExactText($0.key) })
        for (key, count) in lengths.sorted(by: { $0.key < $1.key }) where !known.contains(key) {
            log.warning(
                "the database has messages of a queue that this driver does not have; they are kept",
                ["queue": "\(key)", "count": LogValue(count)])
        }
        return queues
    }

    /// Frees the messages that dead owners have claimed.
    ///
    /// - Returns: the number of other owners that are alive.
    @discardableResult
    private func recover(beside owner: Int) async throws -> Int {
        let locks = table.database.target.ownerLocks
        var alive = 0
        for other in try await table.owners(beside: owner) {
            guard try await !locks.isHeld(other) else {
                alive += 1
                continue
            }
            let freed = try await table.free(other)
            log.info("a process has died; its messages are claimed again", ["count": LogValue(freed.count)])
            ringQueues(of: freed)
        }
        return alive
    }

    /// Tells the workers about messages that came back.
    func ringQueues(of messages: [String]) {
        var counts: [ExactText: Int] = [:]
        for key in messages { counts[ExactText(key), default: 0] += 1 }
        for queue in queues {
            guard let count = counts[ExactText(queue.key)] else { continue }
            queue.didGain(count)
            queue.ring()
        }
    }

    /// Sets the alarm for the next message that is due.
    ///
    /// Removes acknowledged messages whose time is up.
    ///
    /// - Returns: true if any queue has a suspect.
    @discardableResult
    private func lookAhead() async throws -> Bool {
        let moments = try await table.moments()
        if let due = moments.due { setAlarm(at: due) }
        if let removal = moments.removal, removal <= time.now {
            while try await table.sweep(at: time.now) == QueueTable.step {}
        }
        return moments.suspects
    }

    /// Refuses publishers whose time is up.
    ///
    /// Makes due messages ready.
    private func timePassed() async {
        for queue in queues {
            if let next = queue.refusePublishers(at: clock.now) { alarm.set(at: next) }
        }
        do {
            while true {
                let due = try await table.makeReady(at: time.now)
                // These messages were counted already while they were delayed.
                let keys = Set(due.map { ExactText($0) })
                for queue in queues where keys.contains(ExactText(queue.key)) { queue.ring() }
                guard due.count == QueueTable.step else { break }
            }
            try await lookAhead()
        } catch {
            health.didFail(error)
        }
    }

    /// Looks for dead owners, for new queues, for the messages of other processes, and for a database that works again.
    ///
    /// It looks at once, and then every second until the task is cancelled. It looks earlier if a waiting worker could
    /// get a suspect, or if a consumer subscribes to a new queue.
    ///
    /// - Returns: true if the owner's lock is lost; false if the task is cancelled.
    private func watch(_ owner: Int, holding lock: any OwnerLock) async -> Bool {
        var nextCount = Duration.zero
        while !Task.isCancelled {
            let event = OneShotEvent()
            state.withLock { $0.nextLook = event }
            do {
                guard try await lock.isHeld else { return true }
                let wasFailing = health.isFailing
                let mustCount = state.withLock { state in
                    defer { state.mustCount = false }
                    return state.mustCount || wasFailing
                }
                let others = try await recover(beside: owner)
                if wasFailing { try await table.probe(at: time.now) }
                try await payOwed()
                try await returnStrays(of: owner)
                for queue in queues where !queue.isOpen { _ = try await open(queue) }
                for queue in queues { await queue.giveBackLeft() }
                let suspects = try await lookAhead() ? table.suspects() : []
                state.withLock { $0.suspects = Set(suspects.map { ExactText($0) }) }
                if wasFailing { health.didRecover() }
                if mustCount || others > 0 {
                    if mustCount || clock.now >= nextCount {
                        let begin = clock.now
                        try await count()
                        nextCount = clock.now + (clock.now - begin) * Self.restBetweenCounts
                    }
                    for queue in queues where queue.hasIdleWorkers { queue.ring() }
                }
                // A paused queue does not delay the others.
                for queue in suspects { try await handSuspects(of: queue) }
            } catch {
                if Task.isCancelled { return false }
                health.didFail(error)
            }
            await event.wait(until: clock.now + Self.tick, by: clock)
        }
        return false
    }
}
