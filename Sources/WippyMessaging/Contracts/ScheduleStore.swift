public import WippyDefinition

/// Remembers the progress of each schedule.
///
/// A queue can be such a store, and the queues in databases are. For any other queue, the schedule itself remembers its
/// progress, in memory.
public protocol ScheduleStore: Sendable {
    /// Returns the mark of a schedule; nil if the store does not have it.
    ///
    /// - Throws: the store's error. Then the schedule tries again.
    func mark(of schedule: EntryID) async throws -> ScheduleMark?

    /// Moves the mark of a schedule and publishes a message in one step, if the mark is still `old`.
    ///
    /// If several processes share the store, only one of them publishes each message.
    ///
    /// - Parameters:
    ///   - schedule: the id of the schedule's entry.
    ///   - old: the expected mark; nil if the store must not have a mark.
    ///   - new: the new mark.
    ///   - message: the message to publish; nil to move only the mark.
    /// - Returns: what the step has changed.
    /// - Throws: the errors of `MessageQueue.publish(_:)`. The store need not wait for room. If the store cannot know
    ///   whether the step was done, the schedule calls again with the same `old`, and gets `refused` if it was done.
    func move(
        _ schedule: EntryID, from old: ScheduleMark?, to new: ScheduleMark, publishing message: Message?
    ) async throws -> ScheduleMove
}

/// What a step of a schedule has changed.
public enum ScheduleMove: Sendable {
    /// Nothing has changed, because the mark was not the expected one.
    case refused
    /// The mark has moved. The queue has no new message, because there was none to publish, or because the queue has
    /// dropped it for its unique key.
    case moved
    /// The mark has moved, and the queue keeps the message.
    case published
}

/// The progress of a schedule.
public struct ScheduleMark: Hashable, Sendable {
    /// The time up to which the schedule has handled its timetable, in seconds since 1970.
    public let second: Int

    /// The timetable as text.
    ///
    /// If the timetable in the schedule's entry has another text, the schedule has changed.
    public let definition: String

    /// Creates a mark.
    public init(second: Int, definition: String) {
        self.second = second
        self.definition = definition
    }
}
