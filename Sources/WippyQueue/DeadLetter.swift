import Glibc
import WippyDefinition
import WippyLog
import WippyRuntime
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
        letter.headers["x_dead_letter_time"] = .string(time.internetDate)
        letter.headers["x_attempts"] = .integer(message.attempts)
        return letter
    }
}

extension LogTime {
    /// The moment in UTC to the second, as RFC 3339 writes it: `2026-11-24T04:15:58Z`.
    fileprivate var internetDate: String {
        var seconds = time_t(seconds)
        var parts = unsafe tm()
        guard unsafe gmtime_r(&seconds, &parts) != nil else { return "1970-01-01T00:00:00Z" }
        let date = unsafe [parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday]
        let time = unsafe [parts.tm_hour, parts.tm_min, parts.tm_sec]
        return date.map(Self.digits).joined(separator: "-") + "T" + time.map(Self.digits).joined(separator: ":") + "Z"
    }

    private static func digits(_ number: CInt) -> String {
        number < 10 ? "0\(number)" : "\(number)"
    }
}
