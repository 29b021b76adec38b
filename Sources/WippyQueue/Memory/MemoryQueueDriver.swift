import Synchronization
import WippyDefinition
import WippyLog
import WippyRuntime

/// Keeps the messages of queues in the memory of the process; they are gone when it ends.
final class MemoryQueueDriver: QueueDriver {
    private struct State {
        var phase: MemoryQueue.State.Phase = .waiting
        var queues: [MemoryQueue] = []
    }

    private let clock: any RuntimeClock
    private let log: Log
    private let alarm = Alarm()
    private let state = Mutex(State())

    /// Makes a driver without queues.
    init(clock: any RuntimeClock, log: Log) {
        self.clock = clock
        self.log = log
    }

    /// What a queue in memory has of its own.
    struct Options: EntryConfig {
        /// How many messages it holds: so many that are ready, and as many that wait for their next attempt.
        var maxLength: Int

        init(from fields: inout FieldReader) {
            maxLength = fields.optional(
                "max_length", default: 1000, in: 1...10_000_000,
                "How many messages may be ready before publishers wait, and how many may wait for their next attempt.")
        }
    }

    func makeQueue(
        _ id: EntryID, settings: QueueSettings, options: Options, deadLetters: DeadLetters?
    ) -> MemoryQueue {
        state.withLock { state in
            let queue = MemoryQueue(
                id, settings: settings, maxLength: options.maxLength, deadLetters: deadLetters, clock: clock,
                log: log.with(entry: id.description), alarm: alarm, phase: state.phase)
            state.queues.append(queue)
            return queue
        }
    }

    /// Lets publishers wait for room and messages for their next attempt, until the task is cancelled.
    ///
    /// - Parameter ready: called once all queues are open.
    func run(ready: () -> Void) async {
        for queue in enter(.running) { queue.open() }
        ready()
        await alarm.run(by: clock) {
            for queue in state.withLock({ $0.queues }) { queue.advance() }
        }
    }

    /// Accepts nothing from now on.
    ///
    /// What is left is lost with the process: one line for each queue counts what is ready, what waits for its next
    /// attempt, and what a handler has that has not ended.
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
