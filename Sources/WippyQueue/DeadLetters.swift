public import WippyDefinition
public import WippyLog
public import WippyRuntime
import WippyText
import WippyValues

/// The queue for a queue's dead letters, and when a message becomes one.
public struct DeadLetters: Sendable {
    /// The id of the queue for dead letters.
    public let id: EntryID

    /// The queue for dead letters.
    ///
    /// If it has the same driver, the driver moves a message in one step. Otherwise the driver publishes the letter
    /// there, and removes the message when the letter is accepted.
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

    /// The message as the queue for dead letters gets it.
    ///
    /// Its headers have the reason, the time and the attempts, and its own attempts begin again.
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
