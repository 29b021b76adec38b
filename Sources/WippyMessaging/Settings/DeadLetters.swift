public import WippyDefinition
public import WippyLog
public import WippyRuntime
import WippyText
import WippyValues

/// The queue for another queue's dead letters, and the number of attempts after which a message goes there.
public struct DeadLetters: Sendable {
    /// The id of the queue for dead letters.
    public let id: EntryID

    /// The queue for dead letters.
    ///
    /// The driver of the message's queue moves a message there by ``move(_:from:reason:at:by:log:inOneStep:)``.
    public let queue: Link<any MessageQueue>

    /// The number of attempts after which a message becomes a dead letter, at least 1.
    public let maxAttempts: Int

    /// The largest length of a kept reason, in characters.
    static let maxReasonLength = 500

    /// Creates a description of a queue for dead letters.
    public init(id: EntryID, queue: Link<any MessageQueue>, maxAttempts: Int) {
        self.id = id
        self.queue = queue
        self.maxAttempts = maxAttempts
    }

    /// Returns the message for the queue for dead letters.
    ///
    /// Its headers contain the original queue, the reason, the time and the number of attempts, by the names of
    /// ``MessageHeader``. Its own attempts are counted from zero again.
    ///
    /// - Parameters:
    ///   - message: the message, whose attempts include the last one.
    ///   - queue: the queue that gives the message up.
    ///   - reason: the reason why the message is given up. Only the first 500 characters are kept.
    ///   - time: the time at which the message was given up. Default: now.
    public func letter(for message: Message, from queue: EntryID, reason: String, at time: LogTime = .now) -> Message {
        var letter = message
        letter.attempts = 0
        letter.headers[MessageHeader.originalQueue] = .string(queue.description)
        letter.headers[MessageHeader.deadLetterReason] = .string(String(reason.prefix(Self.maxReasonLength)))
        letter.headers[MessageHeader.deadLetterTime] = .string(
            CalendarTime(secondsSince1970: time.seconds).internetDate)
        letter.headers[MessageHeader.attempts] = .integer(message.attempts)
        return letter
    }

    /// The longest time for which a worker waits until the queue of another driver has accepted a dead letter.
    static let sendLimit = Duration.seconds(5)

    /// Publishes a dead letter to the queue for dead letters.
    ///
    /// The call cancels the publication after five seconds, and waits at most one second more for its end. If the task
    /// is cancelled, the call goes on.
    ///
    /// - Parameters:
    ///   - letter: the result of ``letter(for:from:reason:at:)``.
    ///   - clock: the clock of the driver.
    /// - Throws: the error of the queue; `WippyError` of kind `Timeout` when the time is up first. Then keep the
    ///   message, and try it again later. The queue may have accepted the letter all the same.
    public func send(_ letter: Message, by clock: any RuntimeClock) async throws {
        _ = try await uncancelled { [id, queue] in
            try await clock.within(Self.sendLimit, abandoningAfter: .seconds(1)) { _ in
                WippyError(
                    .timeout, "the queue '\(id)' took no message within \(Self.sendLimit.written)", isRetryable: true)
            } _: {
                try await queue.target.publish(letter)
            }
        }
    }
}
