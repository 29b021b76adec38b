import Synchronization
import WippyDefinition
import WippyLog
package import WippyQueue
package import WippyRuntime
package import WippySQL
import WippyText

/// Keeps the messages of queues in tables of a database.
///
/// While its service runs, the driver is an owner: its claims have its number. Its lock tells other processes that it
/// is alive.
final class SQLQueueDriver: QueueDriver {
    /// The options of a queue in a database.
    struct Options: EntryConfig {
        /// The largest number of ready and delayed messages before publishers wait.
        var maxLength: Int
        /// The time for which an acknowledged message is kept.
        var retention: Duration

        static let retentionField = "retention"

        init(from fields: inout FieldReader) {
            maxLength = fields.optional(
                "max_length", default: 1_000_000, in: 1...1_000_000_000,
                "Publishers wait while this number of messages is ready or delayed.")
            retention = fields.optional(
                Self.retentionField, default: .zero, in: .zero ... .days(3660),
                "The time for which a message stays in its table after it was acknowledged. 0s removes it at once.")
        }
    }

    static let supportedOptions = Set(MessageOption.allCases)

    private struct WeakQueue {
        weak let queue: StoredQueue?
    }

    private struct State {
        var durability: CommitDurability
        /// The number that is in the driver's claims; nil while the service does not run.
        var owner: Int?
        /// True from the time at which the service opens the queues to its end.
        var isServing = false
        var queues: [WeakQueue] = []
        /// Claims that will be given back later, because the database has failed.
        var owed: [(claim: Claim, queue: SQLQueue)] = []
        /// The claims of the messages that workers have.
        var inHand: Set<Claim> = []
        /// True if only a suspect may be claimed.
        var isReserved = false
        /// The number of claims that run.
        var claiming = 0
        /// True if a claim has failed, and the database may have stored it nevertheless.
        var mayHaveStrays = false
        /// Fires when no worker has a message.
        var idleSignal: StopSignal?
        /// The keys of the queues that had a suspect at the last look.
        var suspects: Set<ExactText> = []
        /// Fires to look again before the next tick.
        var watchSignal: StopSignal?
    }

    let table: QueueTable
    let executors: any ExecutorProvider
    let clock: any RuntimeClock
    let time: QueueTime
    let log: Log
    let metrics: Metrics
    let observer: (any MessageObserver)?
    let health: DatabaseHealth
    /// Rings when messages are due, or when publishers have waited long enough.
    let alarm = Alarm()
    private let state: Mutex<State>
    /// True if the driver has raised the database's durability.
    private let isRaised = Mutex(false)

    init(
        database: Link<any QueueDatabase>, durability: CommitDurability, environment: RuntimeEnvironment, log: Log,
        observer: (any MessageObserver)? = nil
    ) {
        table = QueueTable(database: database)
        executors = environment.executors
        clock = environment.clock
        time = QueueTime(by: clock)
        metrics = environment.metrics
        self.log = log
        self.observer = observer
        health = DatabaseHealth(clock: clock, log: log)
        state = Mutex(State(durability: durability))
    }

    /// The durability of the commits with accepted messages.
    var durability: CommitDurability { state.withLock { $0.durability } }

    /// The number that is in the driver's claims; nil while the service does not run.
    var owner: Int? { state.withLock { $0.owner } }

    /// The queues to which entries refer.
    var queues: [StoredQueue] { state.withLock { $0.queues.compactMap(\.queue) } }

    /// Sets the alarm for a time at which messages are due.
    func setAlarm(at due: Int) { alarm.set(at: time.moment(due)) }

    /// Returns the error for a publisher while the service does not run.
    func refusal(of queue: EntryID) -> WippyError {
        WippyError(
            .unavailable, "the queue '\(queue)' takes no messages: its driver does not run", isRetryable: true)
    }

    /// Changes the durability of later commits.
    func change(to durability: CommitDurability) {
        state.withLock { $0.durability = durability }
        adjustDatabase()
    }

    /// Raises the database's durability if the service runs with full durability, and otherwise lowers it again.
    ///
    /// The service and a reload may call this at the same time. The later call sees the changes of both.
    private func adjustDatabase() {
        isRaised.withLock { isRaised in
            let mustBeRaised = state.withLock { $0.owner != nil && $0.durability == .full }
            guard mustBeRaised != isRaised else { return }
            isRaised = mustBeRaised
            let database = table.database.target
            if mustBeRaised { database.raiseDurability() } else { database.lowerDurability() }
        }
    }
}

// The driver's queues.
extension SQLQueueDriver {
    /// Returns the key of a queue in the tables.
    static func key(of id: EntryID, _ settings: QueueSettings) -> ExactText {
        ExactText(settings.name ?? id.description)
    }

    func makeQueue(
        _ id: EntryID, settings: QueueSettings, options: Options, deadLetters: DeadLetters?
    ) -> SQLQueue {
        let key = Self.key(of: id, settings)
        let stored = state.withLock { state in
            state.queues.removeAll { $0.queue == nil }
            if let known = state.queues.lazy.compactMap(\.queue).first(where: { ExactText($0.key) == key }) {
                return known
            }
            let stored = StoredQueue(key: key.string)
            state.queues.append(WeakQueue(queue: stored))
            return stored
        }
        let queue = SQLQueue(
            id, stored, SQLQueue.Settings(queue: settings, options: options, deadLetters: deadLetters), of: self)
        metrics.measure(queue, of: id) { (try? await $0.info)?.gauges ?? [:] }
        return queue
    }

    /// Returns an update that keeps the queue's messages; nil if the queue has another driver or key.
    func update(
        _ queue: SQLQueue, settings: QueueSettings, options: Options, deadLetters: DeadLetters?
    ) -> Update? {
        let isSameKey = Self.key(of: queue.id, settings) == ExactText(queue.stored.key)
        guard queue.driver === self, isSameKey else { return nil }
        let (old, new) = (
            queue.settings, SQLQueue.Settings(queue: settings, options: options, deadLetters: deadLetters)
        )
        return Update {
            queue.change(to: new)
        } takeBack: {
            queue.change(to: old)
        }
    }
}

// The messages that workers have.
extension SQLQueueDriver {
    /// Notes that messages were claimed.
    ///
    /// - Parameter messages: the messages that workers will get.
    /// - Returns: false if the run of the service has ended in which the claim began.
    func didClaim(_ claimed: [ClaimedMessage], by owner: Int) -> Bool {
        state.withLock { state in
            guard state.owner == owner else { return false }
            let claims = Set(claimed.map(\.claim))
            state.inHand.formUnion(claims)
            // The database has given these messages back, although it has reported a failure.
            state.owed.removeAll { claims.contains($0.claim) }
            return true
        }
    }

    /// Notes that a message was settled, or that the driver owes it.
    func didLetGo(_ claim: Claim) {
        let idle = state.withLock { state -> StopSignal? in
            guard state.inHand.remove(claim) != nil, state.inHand.isEmpty else { return nil }
            return state.idleSignal.take()
        }
        idle?.fire()
    }

    /// True if no message may be claimed now, because a suspect must be alone.
    var isReservedForSuspect: Bool { state.withLock { $0.isReserved } }

    /// Notes that a claim begins.
    ///
    /// - Returns: false if it must not begin now, because other messages are not handed out.
    func beginClaim(ofSuspects isOfSuspects: Bool) -> Bool {
        state.withLock { state in
            guard isOfSuspects || !state.isReserved else { return false }
            state.claiming += 1
            return true
        }
    }

    /// Notes that a claim has ended, after its messages were noted by ``didClaim(_:by:)``.
    func endClaim() { state.withLock { $0.claiming -= 1 } }

    /// Notes that a claim has failed.
    func didFailToClaim() { state.withLock { $0.mayHaveStrays = true } }

    /// Stops all claims from now on, or allows them again.
    private func reserve(_ isReserved: Bool) {
        state.withLock { $0.isReserved = isReserved }
        if !isReserved { for queue in queues { queue.ring() } }
    }

    /// A signal that fires when no worker has a message.
    private var idle: StopSignal {
        let signal = StopSignal()
        let isIdle = state.withLock { state in
            state.idleSignal = signal
            return state.inHand.isEmpty
        }
        if isIdle { signal.fire() }
        return signal
    }

    /// The longest time to wait for other messages.
    ///
    /// Then a suspect is claimed anyway.
    private static let patience = Duration.seconds(5)

    /// Notes that a worker found no ready message.
    ///
    /// If the queue has a suspect, it is now the suspect's turn.
    func workerWaits(at queue: StoredQueue) {
        let watch = state.withLock { state in
            state.suspects.contains(ExactText(queue.key)) ? state.watchSignal.take() : nil
        }
        watch?.fire()
    }

    /// Hands suspects to workers, each at a time when no worker has another message.
    ///
    /// So a suspect that ends the process affects no other message. After about a second, other messages have their
    /// turn again.
    private func handSuspects(of key: String) async throws {
        guard let queue = queues.first(where: { ExactText.areEqual($0.key, key) }), queue.isServed else { return }
        reserve(true)
        defer { reserve(false) }
        await idle.wait(until: clock.now + Self.patience, by: clock)
        let end = clock.now + Self.tick
        while clock.now < end, let subscription = queue.idleSubscription, try await subscription.takeSuspect() {
            // Other messages continue when the suspect is settled, or after a while.
            await idle.wait(until: clock.now + Self.patience, by: clock)
        }
    }

    /// Notes a claim that will be given back when the database works again.
    func owe(_ claim: Claim, to queue: SQLQueue) {
        state.withLock { if $0.owner == claim.owner { $0.owed.append((claim, queue)) } }
    }

    /// Runs `body` while no message is claimed.
    ///
    /// It waits for the running claims for at most a second. If they have not ended then, `body` does not run.
    private func withoutClaims(_ body: () async throws -> Void) async throws {
        let end = clock.now + Self.tick
        reserve(true)
        defer { reserve(false) }
        while state.withLock({ $0.claiming > 0 }) {
            guard clock.now < end else { return }
            try await clock.sleep(for: .milliseconds(10))
        }
        try await body()
    }

    /// Gives back the messages of claims that have failed although the database has stored them.
    ///
    /// While no claim runs, these are the claims of the owner that no worker has.
    private func returnStrays(of owner: Int) async throws {
        guard state.withLock({ $0.mayHaveStrays }) else { return }
        try await withoutClaims {
            let known = state.withLock { $0.inHand.union($0.owed.map(\.claim)) }
            for claim in try await table.claims(of: owner) where !known.contains(claim) {
                _ = try await table.giveBack(claim)
            }
            state.withLock { $0.mayHaveStrays = false }
            try await count()
        }
    }

    /// Gives back the messages that the driver owes.
    ///
    /// No message is claimed in the meantime. A message that the database has given back already, although it has
    /// reported a failure, could otherwise be claimed again, and then be taken from its worker.
    private func payOwed() async throws {
        guard state.withLock({ !$0.owed.isEmpty }) else { return }
        try await withoutClaims {
            while let (claim, queue) = state.withLock({ $0.owed.popLast() }) {
                do {
                    try await queue.settle(claim, returned: true)
                } catch {
                    owe(claim, to: queue)
                    throw error
                }
            }
        }
    }
}

// The service.
extension SQLQueueDriver: ManagedService {
    /// The time between two checks for the work of other processes.
    private static let tick = Duration.seconds(1)
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
            (state.inHand, state.owed) = ([], [])
            (state.isReserved, state.mayHaveStrays) = (false, false)
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
    func openSoon() { state.withLock { $0.watchSignal.take() }?.fire() }

    /// Reads the lengths of the queues, and which are paused, from the tables.
    ///
    /// - Returns: the queues.
    @discardableResult
    private func count() async throws -> [StoredQueue] {
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
                "the database holds a queue that no entry names; its messages are kept",
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
            let signal = StopSignal()
            state.withLock { $0.watchSignal = signal }
            do {
                guard try await lock.isHeld else { return true }
                let wasFailing = health.isFailing
                let others = try await recover(beside: owner)
                if wasFailing { try await table.probe(at: time.now) }
                try await payOwed()
                try await returnStrays(of: owner)
                for queue in queues where !queue.isOpen { _ = try await open(queue) }
                for queue in queues { await queue.giveBackLeft() }
                let suspects = try await lookAhead() ? table.suspects() : []
                state.withLock { $0.suspects = Set(suspects.map { ExactText($0) }) }
                if wasFailing { health.didRecover() }
                if wasFailing || others > 0 {
                    if wasFailing || clock.now >= nextCount {
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
            await signal.wait(until: clock.now + Self.tick, by: clock)
        }
        return false
    }
}

extension QueueDatabase {
    /// Creates the driver of `queue.driver.sql` for this database.
    package func queueDriver(in environment: RuntimeEnvironment) -> any QueueDriver & ManagedService {
        SQLQueueDriver(database: Link(self), durability: .full, environment: environment, log: environment.log)
    }
}
