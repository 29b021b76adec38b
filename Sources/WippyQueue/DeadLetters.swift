public import WippyDefinition
public import WippyLog
public import WippyRuntime
import WippyText
import WippyValues

/// Where the messages of a queue go that were tried often enough.
public struct DeadLetters: Sendable {
    /// The id of the queue that takes them.
    public let id: EntryID

    /// The queue that takes them.
    ///
    /// A driver that knows its target moves a message in one step; to another driver's queue it publishes the letter,
    /// and removes the message when the letter is accepted.
    public let queue: Link<any MessageQueue>

    /// How often a message is tried, at least 1.
    public let maxAttempts: Int

    /// The longest reason that is kept, in characters.
    static let reasonLengthMax = 500

    /// Creates a description.
    public init(id: EntryID, queue: Link<any MessageQueue>, maxAttempts: Int) {
        self.id = id
        self.queue = queue
        self.maxAttempts = maxAttempts
    }

    /// A message as the dead-letter queue gets it: with the reason, the time and the attempts in its headers; its
    /// attempts begin again.
    ///
    /// - Parameters:
    ///   - message: the message with its last attempt counted.
    ///   - queue: the queue that gives it up.
    ///   - reason: why the last attempt failed.
    ///   - time: when the message was given up.
    public func letter(for message: Message, from queue: EntryID, reason: String, at time: LogTime = .now) -> Message {
        var letter = message
        letter.attempts = 0
        letter.headers["x_original_queue"] = .string(queue.description)
        letter.headers["x_dead_letter_reason"] = .string(String(reason.prefix(Self.reasonLengthMax)))
        letter.headers["x_dead_letter_time"] = .string(CalendarTime(secondsSince1970: time.seconds).internetDate)
        letter.headers["x_attempts"] = .integer(message.attempts)
        return letter
    }
}
