import WippyLog
import WippyMessaging
import WippyRuntime
import WippySQL

extension SQLQueue {
    /// Settles a message that a worker has.
    ///
    /// - Returns: false if the claim was lost.
    func settle(_ message: ClaimedMessage, _ settlement: Settlement) async throws -> Bool {
        let isSettled: Bool
        switch settlement {
        case .acknowledged:
            isSettled = try await complete { [self] in try await finish(message.claim) }
        case .returned: return await giveBack(message)
        case .rejected(let reason):
            isSettled = try await complete { [self] in try await endAttempt(message, reason: reason) }
        }
        driver.didLetGo(message.claim)
        return isSettled
    }

    /// Ends a message that no worker will get.
    ///
    /// The message becomes a dead letter. If there is no queue for dead letters, the message is removed.
    func giveUp(_ message: ClaimedMessage, reason: String) async {
        do {
            if let deadLetters = settings.deadLetters {
                try await move(message, to: deadLetters, reason: reason, attempts: message.claim.attempt - 1)
            } else {
                log.warning(
                    "a message was removed without being handled",
                    ["message_id": LogValue(message.message.id), "reason": "\(reason)"])
                try await finish(message.claim)
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

    /// Runs a closure that must not end when the task is cancelled.
    ///
    /// A statement that the cancellation has withdrawn runs again.
    private func complete(_ body: @escaping @Sendable () async throws -> Bool) async throws -> Bool {
        do {
            if !Task.isCancelled { return try await body() }
        } catch is CancellationError {}
        return try await uncancelled(body)
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
}

// The statements about a claim, each of which has no effect if the claim was lost. They return false then.
extension SQLQueue {
    /// Runs a statement about a claim, and counts the claim if it was lost.
    private func ifHeld(_ statement: (QueueTable) async throws -> Bool) async throws -> Bool {
        let isHeld = try await statement(driver.table)
        if !isHeld { lostClaims.add() }
        return isHeld
    }

    /// Removes a message, or keeps it for a while.
    @discardableResult
    private func finish(_ claim: Claim) async throws -> Bool {
        let retention = settings.options.retention
        let kept = retention > .zero ? driver.time.now + retention.tableMilliseconds : nil
        let until = [kept, claim.uniqueUntil].compactMap(\.self).max()
        return try await ifHeld { try await $0.finish(claim, keptUntil: until) }
    }

    /// Gives a message back without counting the attempt, and throws an error if the database fails.
    @discardableResult
    func giveBack(_ claim: Claim) async throws -> Bool {
        guard try await ifHeld({ try await $0.giveBack(claim) }) else { return false }
        didComeBack(at: nil)
        return true
    }

    /// Makes a message ready for its next attempt, now or later.
    private func tryAgain(_ claim: Claim) async throws -> Bool {
        let delay = settings.queue.retry.delay(afterAttempt: claim.attempt, draw: .random(in: 0..<1))
        let due = delay > .zero ? driver.time.after(delay) : nil
        guard try await ifHeld({ try await $0.tryAgain(claim, at: due) }) else { return false }
        didComeBack(at: due)
        return true
    }

    /// Notes that a claimed message is in the queue again.
    ///
    /// - Parameter due: the time at which it can be claimed; nil for now.
    private func didComeBack(at due: Int?) {
        stored.didGain(1)
        if let due { driver.setAlarm(at: due) } else { stored.ring() }
    }

    /// Moves a dead letter to its queue.
    ///
    /// If that queue does not accept it, the message stays here and is tried again.
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
            return try await ifHeld { try await $0.holds(message.claim) } ? nil : .claimLost
        }
        switch move {
        case .moved: return neighbour == nil ? try await finish(message.claim) : true
        case .refused: return try await tryAgain(message.claim)
        case .claimLost: return false
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
            isMoved = try await ifHeld {
                try await $0.move(claim, to: neighbour.stored.key, headers: headers, at: driver.time.now)
            }
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
