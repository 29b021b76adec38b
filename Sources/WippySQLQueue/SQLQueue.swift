import Synchronization
import WippyDefinition
import WippyLog
import WippyMessaging
import WippyRuntime
import WippySQL
import WippyText
import WippyValues

/// A queue whose messages are rows of a database.
///
/// The settings can change while the queue is in use.
final class SQLQueue: TransactionalQueue {
    /// The settings in the queue's entry.
    final class Settings: Sendable {
        /// The settings of the entry that every driver follows.
        let queue: QueueSettings
        let options: SQLQueueDriver.Options
        let deadLetters: DeadLetters?

        init(queue: QueueSettings, options: SQLQueueDriver.Options, deadLetters: DeadLetters?) {
            self.queue = queue
            self.options = options
            self.deadLetters = deadLetters
        }
    }

    private static let lostClaimsMetric = Metric<Counter>(
        "messages.lost_claims", of: "a durable queue", unit: "claims", "Claims that another process has taken over.")
    private static let expiredMetric = Metric<Counter>(
        "messages.expired", of: "a durable queue", unit: "messages", "Messages that waited longer than their `ttl`.")

    /// The metrics that only a durable queue has.
    static let metrics = [lostClaimsMetric.description, expiredMetric.description]

    let id: EntryID
    let driver: SQLQueueDriver
    let stored: StoredQueue
    private let log: Log
    private let currentSettings: Mutex<Settings>
    /// The number of claims that another process took away before their end.
    private let lostClaims: Counter
    /// The number of messages whose time to live was over before a worker was free.
    private let expired: Counter

    init(_ id: EntryID, _ stored: StoredQueue, _ settings: Settings, of driver: SQLQueueDriver) {
        self.id = id
        self.stored = stored
        self.driver = driver
        log = driver.log.with(entry: id.description)
        currentSettings = Mutex(settings)
        lostClaims = driver.metrics.counter(Self.lostClaimsMetric, of: id)
        expired = driver.metrics.counter(Self.expiredMetric, of: id)
    }

    /// The current settings.
    var settings: Settings { currentSettings.withLock { $0 } }

    /// Changes the settings.
    func change(to settings: Settings) { currentSettings.withLock { $0 = settings } }

    func subscribe(prefetch: Int) -> any MessageSubscription {
        let subscription = SQLSubscription(to: self, prefetch: prefetch, executor: driver.executors.next())
        stored.add(subscription)
        if !stored.isOpen { driver.openSoon() }
        return subscription
    }

    var isDurable: Bool { true }

    /// Returns at once, because a stop of the application loses no messages.
    func drain(until deadline: Duration) -> Int { stored.accepted }

    /// The number of messages.
    ///
    /// For a long queue, it is the number that this process knows, so that counting stays fast.
    var count: MessageCount {
        get async throws {
            guard driver.owner != nil else { return try await storedQueues.count(of: stored.key) }
            let most = QueueTable.maxCount
            let count = try await driver.table.count(of: stored.key, atMost: most)
            if let count = stored.completed(count, countedTo: most) { return count }
            return try await driver.table.count(of: stored.key)
        }
    }
}

// Publishing.
extension SQLQueue {
    @discardableResult
    func publish(_ message: Message) async throws -> Bool {
        try Task.checkCancellation()
        if let call = HeldDatabases.publishingCall(on: driver.table.database.target.identity) {
            throw waitForItself(unlessBy: call)
        }
        let new = try newMessage(message)
        if !stored.isOpen { try await open() }
        if !stored.reserve(maxLength: settings.options.maxLength) { try await reserve() }
        let isNew: Bool
        do {
            isNew = try await driver.table.insert(new, driver.durability)
        } catch {
            stored.didLose(1)
            // The message may be in the table all the same. After a failure, the driver counts and wakes the workers.
            throw await isFaultOfMessage(error) ? error : refusal(after: error)
        }
        ended(new, isNew ? .kept : .undone)
        return isNew
    }

    private func newMessage(_ message: Message) throws -> NewMessage {
        try NewMessage(driver.observer?.publishing(message) ?? message, in: stored.key, at: driver.time)
    }

    /// Adds a message within a transaction.
    ///
    /// If the transaction does not commit, the message is dropped.
    @discardableResult
    func publish(_ message: Message, in transaction: any QueueTransaction) async throws -> Bool {
        guard transaction.database == driver.table.database.target.identity else {
            throw WippyError(
                .invalid,
                "the queue '\(id)' is not in the transaction's database: publish to it after the transaction, or have "
                    + "its driver use that database",
                isRetryable: false)
        }
        let new = try newMessage(message)
        if !stored.isOpen { try await open(in: transaction) }
        guard stored.reserve(maxLength: settings.options.maxLength) else {
            // A wait here would stop every task and process that writes to the database.
            throw WippyError.full(id, after: .zero)
        }
        do {
            let isNew = try await driver.table.insert(new, in: transaction)
            transaction.onEnd { [self] outcome in ended(new, isNew ? outcome : .undone) }
            return isNew
        } catch {
            stored.didLose(1)
            throw error
        }
    }

    /// Notes what has become of a message for which room is reserved.
    private func ended(_ new: NewMessage, _ outcome: TransactionOutcome) {
        switch outcome {
        case .undone: return stored.didLose(1)
        case .kept:
            stored.didAccept()
            driver.observer?.passes(.accepted, attempt: 0)
        case .unknown:
            // The room stays reserved until the driver has counted.
            driver.countSoon()
        }
        if let due = new.due { driver.setAlarm(at: due) } else { stored.ring() }
    }

    /// Opens the queue if a reload has added it.
    ///
    /// - Parameter transaction: the transaction of the publisher; nil for none.
    /// - Throws: an error for the publisher when the driver does not run, or when the database fails.
    private func open(in transaction: (any SQLTransaction)? = nil) async throws {
        let isOpen: Bool
        do {
            isOpen = try await driver.open(stored, in: transaction)
        } catch {
            throw refusal(after: error)
        }
        guard isOpen else { throw driver.refusal(of: id) }
    }

    /// Reserves room for a message, and waits until there is room.
    private func reserve() async throws {
        let settings = settings
        let maxLength = settings.options.maxLength
        let timeout = settings.queue.publishTimeout
        guard timeout > .zero else { throw WippyError.full(id, after: timeout) }
        let deadline = driver.clock.now + timeout
        let isAdmitted = try await stored.waitForRoom(maxLength: maxLength, until: deadline) {
            driver.alarm.set(at: deadline)
        }
        guard isAdmitted else { throw WippyError.full(id, after: timeout) }
    }

    private func waitForItself(unlessBy call: String) -> WippyError {
        WippyError(
            .invalid,
            "the task holds a transaction on the database of the queue '\(id)', and the message would wait for its "
                + "end: use '\(call)'",
            isRetryable: false)
    }

    /// Returns true if the database has refused a message because of the message itself, such as one that is too large.
    ///
    /// A statement on a table that is gone or has changed is `Invalid` too. Then other statements on the table fail.
    private func isFaultOfMessage(_ error: any Error) async -> Bool {
        guard let error = error as? WippyError, error.kind == .invalid else { return false }
        return (try? await driver.table.moments()) != nil
    }

    /// Returns the error for a publisher when the database fails.
    private func refusal(after error: any Error) -> any Error {
        guard !(error is CancellationError) else { return error }
        driver.health.didFail(error)
        let words = (error as? WippyError)?.message ?? "its database fails"
        return WippyError(
            .unavailable, "the queue '\(id)' cannot keep a message now: \(words)",
            isRetryable: true, cause: error)
    }
}

// Claiming.
extension SQLQueue {
    /// True if messages may be claimed now.
    var canBeClaimed: Bool { stored.isServed && !driver.isReservedForSuspect }

    /// The result of a claim.
    struct Claimed: Sendable {
        /// The number of messages that were claimed.
        let claimed: Int
        /// The claimed messages that workers will get.
        let messages: [ClaimedMessage]
    }

    /// Claims the next messages.
    ///
    /// - Parameter suspects: true to claim only suspects. These are messages that workers had when processes died.
    /// - Returns: nil if no message may be claimed now. The driver rings when claims may begin again.
    func claim(_ most: Int, suspects: Bool = false) async throws -> Claimed? {
        guard let owner = driver.owner else { throw driver.refusal(of: id) }
        guard driver.beginClaim(ofSuspects: suspects) else { return nil }
        defer { driver.endClaim() }
        let claimed: [ClaimedMessage]
        do {
            claimed = try await driver.table.claim(most, of: stored.key, by: owner, suspects: suspects)
        } catch {
            driver.didFailToClaim()
            driver.health.didFail(error)
            throw error
        }
        guard !claimed.isEmpty else { return Claimed(claimed: 0, messages: []) }
        guard driver.didClaim(claimed, by: owner) else {
            // The owner was removed before or after the claim. Nobody else would free the messages.
            for message in claimed { _ = try? await driver.table.giveBack(message.claim) }
            throw driver.refusal(of: id)
        }
        stored.didLose(claimed.count)
        let (now, maxAttempts) = (driver.time.now, settings.deadLetters?.maxAttempts ?? .max)
        var messages: [ClaimedMessage] = []
        for message in claimed {
            if let expires = message.expires, expires <= now {
                expired.add()
                await giveUp(message, reason: "it was not claimed within its time to live")
            } else if message.claim.attempt > maxAttempts {
                await giveUp(message, reason: Self.reasonOfCrashes)
            } else {
                messages.append(message)
            }
        }
        if let observer = driver.observer {
            for message in messages { observer.passes(.claimed, attempt: message.claim.attempt) }
        }
        return Claimed(claimed: claimed.count, messages: messages)
    }

    /// The reason for giving up a message, when the process died each time that a worker had the message.
    static let reasonOfCrashes = "the process ended each time while a handler worked on the message"

    func delivery(of message: ClaimedMessage, receipt: Int) -> Delivery {
        Delivery(message: message.message, queue: id, attempt: message.claim.attempt, receipt: receipt)
    }

    /// Ends a message that no worker will get.
    ///
    /// The message becomes a dead letter. If there is no queue for dead letters, the message is removed.
    private func giveUp(_ message: ClaimedMessage, reason: String) async {
        do {
            if let deadLetters = settings.deadLetters {
                try await move(message, to: deadLetters, reason: reason, attempts: message.claim.attempt - 1)
            } else {
                log.warning(
                    "a message was removed without being handled",
                    ["message_id": LogValue(message.message.id), "reason": "\(reason)"])
                try await finish(message)
            }
            driver.didLetGo(message.claim)
        } catch {
            driver.health.didFail(error)
            await giveBack(message)
        }
    }

    /// Gives a message back without counting the attempt.
    ///
    /// If the database fails, the driver gives the message back later.
    ///
    /// - Returns: false if the claim was lost.
    @discardableResult
    func giveBack(_ message: ClaimedMessage) async -> Bool {
        defer { driver.didLetGo(message.claim) }
        do {
            return try await uncancelled { [self] in try await giveBack(message.claim) }
        } catch {
            driver.health.didFail(error)
            driver.owe(message.claim, to: self)
            return true
        }
    }
}

// Settling.
extension SQLQueue {
    /// - Returns: false if the claim was lost.
    func settle(_ message: ClaimedMessage, _ settlement: Settlement) async throws -> Bool {
        let isSettled: Bool
        switch settlement {
        case .acknowledged:
            driver.observer?.passes(.handled, attempt: message.claim.attempt)
            isSettled = try await complete { [self] in try await acknowledge(message) }
        case .returned: return await giveBack(message)
        case .rejected(let reason):
            isSettled = try await complete { [self] in try await endAttempt(message, reason: reason) }
        }
        driver.didLetGo(message.claim)
        return isSettled
    }

    /// Runs a closure that must not end when the task is cancelled.
    ///
    /// A statement that the cancellation has withdrawn runs again.
    private func complete(_ body: @escaping @Sendable () async throws -> Bool) async throws -> Bool {
        do {
            if !Task.isCancelled { return try await body() }
        } catch is CancellationError {}
        return try await uncancelled(body)
    }

    private func acknowledge(_ message: ClaimedMessage) async throws -> Bool {
        guard try await finish(message) else { return false }
        driver.observer?.passes(.finished, attempt: message.claim.attempt)
        return true
    }

    /// Removes a message, or keeps it for a while.
    ///
    /// - Returns: false if the claim was lost.
    @discardableResult
    private func finish(_ message: ClaimedMessage) async throws -> Bool {
        let retention = settings.options.retention
        let kept = retention > .zero ? driver.time.now + retention.tableMilliseconds : nil
        let until = [kept, message.claim.uniqueUntil].compactMap(\.self).max()
        let isOurs = try await driver.table.finish(message.claim, keptUntil: until)
        if !isOurs { lostClaims.add() }
        return isOurs
    }

    /// Gives a message back without counting the attempt, and throws an error if the database fails.
    ///
    /// - Returns: false if the claim was lost.
    @discardableResult
    func giveBack(_ claim: Claim) async throws -> Bool {
        guard try await driver.table.giveBack(claim) else {
            lostClaims.add()
            return false
        }
        stored.didGain(1)
        stored.ring()
        return true
    }

    /// Tries a message again whose handler has failed, or moves it to the queue for dead letters.
    ///
    /// - Returns: false if the claim was lost.
    private func endAttempt(_ message: ClaimedMessage, reason: String) async throws -> Bool {
        guard let deadLetters = settings.deadLetters, message.claim.attempt >= deadLetters.maxAttempts else {
            return try await tryAgain(message.claim)
        }
        return try await move(message, to: deadLetters, reason: reason, attempts: message.claim.attempt)
    }

    /// Makes a message ready for its next attempt, now or later.
    ///
    /// - Returns: false if the claim was lost.
    private func tryAgain(_ claim: Claim) async throws -> Bool {
        let delay = settings.queue.retry.delay(afterAttempt: claim.attempt, draw: .random(in: 0..<1))
        let due = delay > .zero ? driver.time.after(delay) : nil
        guard try await driver.table.tryAgain(claim, at: due) else {
            lostClaims.add()
            return false
        }
        stored.didGain(1)
        if let due { driver.setAlarm(at: due) } else { stored.ring() }
        return true
    }

    /// Moves a dead letter to its queue.
    ///
    /// If that queue does not accept it, the message stays here and is tried again.
    ///
    /// - Returns: false if the claim was lost.
    @discardableResult
    private func move(
        _ message: ClaimedMessage, to deadLetters: DeadLetters, reason: String, attempts: Int
    ) async throws -> Bool {
        var dead = message.message
        dead.attempts = attempts
        let neighbour = neighbour(for: deadLetters)
        let move = try await deadLetters.move(
            dead, from: id, reason: reason, at: LogTime(seconds: driver.time.now / 1000), by: driver.clock, log: log
        ) { letter in
            if let neighbour { return try await moveWithinTables(message.claim, letter, to: neighbour) }
            return try await driver.table.holds(message.claim) ? nil : .claimLost
        }
        switch move {
        case .moved: return neighbour == nil ? try await finish(message) : true
        case .refused: return try await tryAgain(message.claim)
        case .claimLost:
            lostClaims.add()
            return false
        }
    }

    /// The queue for dead letters, if a message moves there within the tables; otherwise nil.
    func neighbour(for deadLetters: DeadLetters) -> SQLQueue? {
        deadLetters.queue.target.ability(SQLQueue.self).flatMap { $0.driver === driver ? $0 : nil }
    }

    /// Moves a dead letter with one statement.
    private func moveWithinTables(
        _ claim: Claim, _ letter: Message, to neighbour: SQLQueue
    ) async throws -> DeadLetterMove {
        guard neighbour.stored.reserve(maxLength: neighbour.settings.options.maxLength) else {
            return .refused(reason: "it has no room")
        }
        let isMoved: Bool
        do {
            let headers = try NewMessage.text(of: letter.headers)
            isMoved = try await driver.table.move(
                claim, to: neighbour.stored.key, headers: headers, at: driver.time.now)
        } catch {
            neighbour.stored.didLose(1)
            throw error
        }
        guard isMoved else {
            neighbour.stored.didLose(1)
            return .claimLost
        }
        neighbour.stored.didAccept()
        neighbour.stored.ring()
        return .moved
    }
}
