import Synchronization
public import WippyDefinition
public import WippyRuntime

/// Remembers how far each schedule has come.
///
/// A queue is such a store if its messages survive the process. For any other queue the schedule itself remembers it,
/// as long as the process runs.
public protocol ScheduleStore: Sendable {
    /// How far a schedule has come; nil if the store does not know the schedule.
    ///
    /// - Throws: the store's error. The schedule tries again.
    func mark(of schedule: EntryID) async throws -> ScheduleMark?

    /// Moves the mark of a schedule and publishes a message: both or neither, and only if the mark is still `old`. So
    /// of several processes with the same schedule, only one publishes each time.
    ///
    /// - Parameters:
    ///   - schedule: the entry of the schedule.
    ///   - old: the current mark; nil if there is none.
    ///   - new: the new mark.
    ///   - message: the message to publish; nil only moves the mark.
    /// - Returns: false if the mark is not `old`.
    /// - Throws: as `MessageQueue.publish(_:)`, but it need not wait for room.
    func move(
        _ schedule: EntryID, from old: ScheduleMark?, to new: ScheduleMark, publishing message: Message?
    ) async throws -> Bool
}

/// A queue that stands before another one, and does what that does for schedules, too.
package protocol QueueBeforeStore: MessageQueue {
    /// Where the queue behind it keeps how far schedules have come; nil if it does not.
    var scheduleStoreBehind: (any ScheduleStore)? { get }
}

extension MessageQueue {
    /// Where the queue keeps how far schedules have come; nil if it does not.
    package var scheduleStore: (any ScheduleStore)? {
        self as? any ScheduleStore ?? (self as? any QueueBeforeStore)?.scheduleStoreBehind
    }
}

/// How far a schedule has come.
public struct ScheduleMark: Hashable, Sendable {
    /// The last time that the schedule has published for, or the time when it was added, in seconds since 1970.
    public let second: Int

    /// The definition of its times, which shows whether the schedule has changed.
    public let definition: String

    /// Creates a mark.
    public init(second: Int, definition: String) {
        self.second = second
        self.definition = definition
    }
}

/// The mark of one schedule whose queue keeps none.
final class RememberedMark: Sendable {
    private let mark = Mutex<ScheduleMark?>(nil)

    /// The store that publishes to a queue.
    func store(with queue: any MessageQueue) -> any ScheduleStore { Store(remembered: self, queue: queue) }

    private struct Store: ScheduleStore {
        let remembered: RememberedMark
        let queue: any MessageQueue

        func mark(of schedule: EntryID) -> ScheduleMark? { remembered.mark.withLock { $0 } }

        func move(
            _ schedule: EntryID, from old: ScheduleMark?, to new: ScheduleMark, publishing message: Message?
        ) async throws -> Bool {
            guard mark(of: schedule) == old else { return false }
            if let message { try await queue.publish(message) }
            remembered.mark.withLock { $0 = new }
            return true
        }
    }
}
