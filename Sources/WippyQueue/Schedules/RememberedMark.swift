import Synchronization
import WippyDefinition
import WippyMessaging

/// The mark of a schedule whose queue is not a store.
final class RememberedMark: Sendable {
    private let mark = Mutex<ScheduleMark?>(nil)

    /// Returns a store that publishes to a queue.
    func store(with queue: any MessageQueue) -> any ScheduleStore { Store(remembered: self, queue: queue) }

    private struct Store: ScheduleStore {
        let remembered: RememberedMark
        let queue: any MessageQueue

        func mark(of schedule: EntryID) -> ScheduleMark? { remembered.mark.withLock { $0 } }

        func move(
            _ schedule: EntryID, from old: ScheduleMark?, to new: ScheduleMark, publishing message: Message?
        ) async throws -> ScheduleMove {
            guard mark(of: schedule) == old else { return .refused }
            var isPublished = false
            if let message { isPublished = try await queue.publish(message) }
            remembered.mark.withLock { $0 = new }
            return isPublished ? .published : .moved
        }
    }
}
