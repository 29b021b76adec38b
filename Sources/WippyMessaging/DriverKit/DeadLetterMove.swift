public import WippyDefinition
public import WippyLog
public import WippyRuntime

/// The result of moving a message to the queue for dead letters.
public enum DeadLetterMove: Sendable {
    /// The queue for dead letters has the message.
    case moved
    /// The queue for dead letters has refused the message or failed, for the given reason. The message must stay in its
    /// queue.
    case refused(reason: String)
    /// Nothing has moved, because the claim of the message was lost.
    case claimLost
}

extension DeadLetters {
    /// Moves a message to the queue for dead letters.
    ///
    /// After ``DeadLetterMove/moved``, remove the message from its queue, unless `inOneStep` has moved it. After
    /// ``DeadLetterMove/refused(reason:)``, try the message again. The log has a warning about it. After
    /// ``DeadLetterMove/claimLost``, do nothing, because the message is no longer yours.
    ///
    /// - Parameters:
    ///   - message: the message, whose attempts include the last one.
    ///   - id: the id of the queue that gives the message up.
    ///   - reason: the reason why the message is given up.
    ///   - time: the time at which the message was given up. Default: now.
    ///   - clock: the clock of the driver.
    ///   - log: the log of the queue that gives the message up.
    ///   - inOneStep: moves the letter if one driver keeps both queues. It does not call the method `publish(_:)` of
    ///     ``queue``. It returns nil if another driver keeps the queue for dead letters. Then ``send(_:by:)`` sends the
    ///     letter.
    /// - Returns: what has happened. If `inOneStep` returns ``DeadLetterMove/moved``, each ``WrappingQueue`` around the
    ///   queue for dead letters has learnt of the letter.
    /// - Throws: the errors of `inOneStep`.
    public func move<Failure: Error>(
        _ message: Message, from id: EntryID, reason: String, at time: LogTime = .now, by clock: any RuntimeClock,
        log: Log, inOneStep: (_ letter: Message) async throws(Failure) -> DeadLetterMove?
    ) async throws(Failure) -> DeadLetterMove {
        let letter = letter(for: message, from: id, reason: reason, at: time)
        let move: DeadLetterMove
        if let moveInOneStep = try await inOneStep(letter) {
            move = moveInOneStep
            if case .moved = move { queue.target.innermostDidAccept(letter) }
        } else {
            move = await moveBySending(letter, by: clock)
        }
        if case .refused(let problem) = move {
            log.warning(
                "the dead-letter queue did not take a message; the message is tried again",
                [
                    "dead_letter_queue": "\(self.id)", "message_id": LogValue(message.id),
                    "attempts": LogValue(message.attempts), "reason": "\(problem)",
                ])
        }
        return move
    }

    /// Moves a message to the queue for dead letters by publishing it there.
    ///
    /// This is ``move(_:from:reason:at:by:log:inOneStep:)`` for a driver that moves no message in one step.
    public func move(
        _ message: Message, from id: EntryID, reason: String, at time: LogTime = .now, by clock: any RuntimeClock,
        log: Log
    ) async -> DeadLetterMove {
        await move(message, from: id, reason: reason, at: time, by: clock, log: log) { _ in nil }
    }

    private func moveBySending(_ letter: Message, by clock: any RuntimeClock) async -> DeadLetterMove {
        do {
            try await send(letter, by: clock)
            return .moved
        } catch {
            return .refused(reason: FailureReason.text(of: error))
        }
    }
}
