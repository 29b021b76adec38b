import WippyDefinition

extension MessageQueue {
    /// The store with the marks of schedules in this queue; nil if the queue does not keep marks.
    ///
    /// If this queue is a ``WrappingQueue``, it can change the messages that the store publishes, and learns of them.
    public var scheduleStore: (any ScheduleStore)? {
        ability((any ScheduleStore).self).map { WrappingStore(wrapped: $0, queue: self) }
    }
}

/// The store with the marks of schedules in a queue, which other queues may wrap.
private struct WrappingStore: ScheduleStore {
    let wrapped: any ScheduleStore
    let queue: any MessageQueue

    func mark(of schedule: EntryID) async throws -> ScheduleMark? { try await wrapped.mark(of: schedule) }

    func move(
        _ schedule: EntryID, from old: ScheduleMark?, to new: ScheduleMark, publishing message: Message?
    ) async throws -> ScheduleMove {
        let message = message.map { queue.innermostWillPublish($0) }
        let move = try await wrapped.move(schedule, from: old, to: new, publishing: message)
        if move == .published, let message { queue.innermostDidAccept(message) }
        return move
    }
}
