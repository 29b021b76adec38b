import WippyDefinition
import WippyLog
import WippyRuntime
import WippyText
import WippyValues

/// What a message carries into a dead-letter queue, beside its own id, body and headers.
enum DeadLetter {
    /// The longest reason that is kept, in characters.
    static let reasonLengthMax = 500

    /// The message as the dead-letter queue gets it: its attempts begin again.
    static func letter(for message: Message, from queue: EntryID, reason: String, at time: LogTime) -> Message {
        var letter = message
        letter.attempts = 0
        letter.headers["x_original_queue"] = .string(queue.description)
        letter.headers["x_dead_letter_reason"] = .string(String(reason.prefix(reasonLengthMax)))
        letter.headers["x_dead_letter_time"] = .string(CalendarTime(secondsSince1970: time.seconds).internetDate)
        letter.headers["x_attempts"] = .integer(message.attempts)
        return letter
    }
}
