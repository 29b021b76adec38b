import WippyDefinition
public import WippyRuntime

extension MessageQueue {
    /// The store with the marks of schedules in this queue; nil if the queue does not keep marks.
    ///
    /// If this queue is a `WrappingQueue`, it learns of the messages that the store publishes.
    public var scheduleStore: (any ScheduleStore)? {
        guard let queue = self as? any WrappingQueue else { return self as? any ScheduleStore }
        return queue.wrapped.scheduleStore.map { WrappingStore(wrapped: $0, queue: queue) }
    }
}

/// The store with the marks of schedules in a queue that has another queue in front of it.
private struct WrappingStore: ScheduleStore {
    let wrapped: any ScheduleStore
    let queue: any WrappingQueue

    func mark(of schedule: EntryID) async throws -> ScheduleMark? { try await wrapped.mark(of: schedule) }

    func move(
        _ schedule: EntryID, from old: ScheduleMark?, to new: ScheduleMark, publishing message: Message?
    ) async throws -> Bool {
        let isMoved = try await wrapped.move(schedule, from: old, to: new, publishing: message)
        if isMoved, let message { queue.didAccept(message) }
        return isMoved
    }
}
