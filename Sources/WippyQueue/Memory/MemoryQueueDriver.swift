import Synchronization
import WippyDefinition
import WippyLog
import WippyMessaging
import WippyRuntime

/// Keeps the messages of queues in memory.
///
/// They are lost when the process ends.
final class MemoryQueueDriver: QueueDriver {
    private struct State {
        var phase: MemoryQueue.State.Phase = .waiting
        /// The driver does not own its queues.
        ///
        /// When the entry of a queue is removed, the queue also disappears here.
        private var references: [ObjectIdentifier: WeakReference] = [:]
        /// The number of references at which those of lost queues are removed.
        private var room = 16

        var queues: [MemoryQueue] { references.values.compactMap(\.queue) }

        mutating func add(_ queue: MemoryQueue) {
            if references.count >= room {
                references = references.filter { $0.value.queue != nil }
                room = max(16, 2 * references.count)
            }
            references[ObjectIdentifier(queue)] = WeakReference(queue: queue)
        }

        mutating func remove(_ queue: MemoryQueue) {
            references[ObjectIdentifier(queue)] = nil
        }
    }

    private struct WeakReference {
        weak let queue: MemoryQueue?
    }

    /// Rings when the queues must check the time.
    let alarm = Alarm()

    private let clock: any RuntimeClock
    private let log: Log
    private let state = Mutex(State())

    /// Creates a driver without queues.
    init(clock: any RuntimeClock, log: Log) {
        self.clock = clock
        self.log = log
    }

    /// The options of a queue in memory.
    struct Options: EntryConfig {
        /// The largest number of ready messages, and the largest number of messages that wait for their next attempt.
        var maxLength: Int

        init(from fields: inout FieldReader) {
            maxLength = fields.optional(
                "max_length", default: 1000, in: 1...10_000_000,
                "Publishers wait while this number of messages is ready, or while this number of messages is delayed.")
        }
    }

    static let queueFieldsBuiltAnew: [QueueField<Options>]? = []

    func makeQueue(
        _ id: EntryID, settings: QueueSettings, options: Options, deadLetters: DeadLetters?
    ) -> MemoryQueue {
        let settings = MemoryQueue.Settings(
            queue: settings, maxLength: options.maxLength, deadLetters: deadLetters, driver: self)
        return state.withLock { state in
            let queue = MemoryQueue(
                id, settings, clock: clock, log: log.with(entry: id.description), phase: state.phase)
            state.add(queue)
            return queue
        }
    }

    /// Returns an update that keeps the queue's messages, even if another driver in memory has made the queue.
    func update(
        _ queue: MemoryQueue, settings: QueueSettings, options: Options, deadLetters: DeadLetters?
    ) -> Update? {
        let new = MemoryQueue.Settings(
            queue: settings, maxLength: options.maxLength, deadLetters: deadLetters, driver: self)
        return Update(from: queue.settings, to: new) { Self.change(queue, to: $0) }
    }

    private static func change(_ queue: MemoryQueue, to new: MemoryQueue.Settings) {
        let previous = queue.settings.driver
        if previous !== new.driver { previous.state.withLock { $0.remove(queue) } }
        // The phase is read in the same step, because the driver's service may be about to change it.
        let advance = new.driver.state.withLock { state in
            state.add(queue)
            return queue.change(to: new, phase: state.phase)
        }
        queue.perform(advance)
    }

    /// Lets publishers wait for room, and messages for their next attempt, until the task is cancelled.
    ///
    /// - Parameter ready: called when all queues are open.
    func run(ready: () -> Void) async {
        for queue in enter(.running) { queue.open() }
        ready()
        await alarm.run(by: clock) {
            for queue in state.withLock({ $0.queues }) { queue.advance() }
        }
    }

    /// Accepts no messages from now on.
    ///
    /// The remaining messages are lost when the process ends. For each queue, the log has one line with the numbers of
    /// ready, delayed and claimed messages.
    func shut() {
        let queues = enter(.stopped)
        for queue in queues { queue.shut() }
        for queue in queues.sorted(by: { $0.id < $1.id }) { queue.logLoss() }
    }

    private func enter(_ phase: MemoryQueue.State.Phase) -> [MemoryQueue] {
        state.withLock { state in
            state.phase = phase
            return state.queues
        }
    }
}
