/// The names of the headers that queues and schedules set on messages.
///
/// ```swift
/// let reason = delivery.message.headers[MessageHeader.deadLetterReason]
/// ```
public enum MessageHeader {
    /// The time of publishing, in seconds since 1970, if the publisher has not set another one.
    public static let timestamp = "timestamp"

    /// The beginning of the names that are reserved for the runtime.
    public static let reservedPrefix = "x_"

    /// The id of the queue from which a dead letter was moved.
    public static let originalQueue = "x_original_queue"
    /// The reason why a message became a dead letter, such as the error of its last attempt.
    public static let deadLetterReason = "x_dead_letter_reason"
    /// The time at which a message became a dead letter, such as `2026-01-31T12:00:00Z`.
    public static let deadLetterTime = "x_dead_letter_time"
    /// The number of attempts before a message became a dead letter.
    public static let attempts = "x_attempts"

    /// The id of the schedule that has published a message.
    public static let schedule = "x_schedule"
    /// The time at which a message was due by its schedule, in seconds since 1970.
    public static let scheduledTime = "x_scheduled_at"
}
