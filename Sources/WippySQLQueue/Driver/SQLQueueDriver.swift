import Synchronization
import WippyDefinition
import WippyLog
package import WippyMessaging
package import WippyRuntime
package import WippySQL
import WippyText

/// Keeps the messages of queues in tables of a database.
///
/// While its service runs, the driver is an owner: its claims have its number. Its lock tells other processes that it
/// is alive.
final class SQLQueueDriver: QueueDriver {
    /// The options of a queue in a database.
    struct Options: EntryConfig {
        /// The largest number of ready and delayed messages before publishers wait.
        var maxLength: Int
        /// The time for which an acknowledged message is kept.
        var retention: Duration

        static let retentionField = "retention"

        init(from fields: inout FieldReader) {
            maxLength = fields.optional(
                "max_length", default: 1_000_000, in: 1...1_000_000_000,
                "Publishers wait while this number of messages is ready or delayed. A publisher in a transaction gets "
                    + "an error instead.")
            retention = fields.optional(
                Self.retentionField, default: .zero, in: .zero ... .days(3660),
                "The time for which a message stays in its table after it was acknowledged. 0s removes it at once. A "
                    + "message with the header `unique` stays at least until its `unique_period` has ended.")
        }
    }

    static let supportedOptions = Set(MessageOption.allCases)

    static let queueFieldsBuiltAnew: [QueueField<Options>]? = [.driver, .name]

    struct WeakQueue {
        weak let queue: StoredQueue?
    }

    /// The part of the driver that changes while it is in use.
    struct State {
        var durability: CommitDurability
        /// The number that is in the driver's claims; nil while the service does not run.
        var owner: Int?
        /// True from the time at which the service opens the queues to its end.
        var isServing = false
        var queues: [WeakQueue] = []
        var claims = DriverClaims()
        /// The keys of the queues that had a suspect at the last look.
        var suspects: Set<ExactText> = []
        /// Fires to look again before the next tick.
        var nextLook: OneShotEvent?
        /// True if the next look must count the messages.
        var mustCount = false
    }

    let table: QueueTable
    let executors: any ExecutorProvider
    let clock: any RuntimeClock
    let time: QueueTime
    let log: Log
    let metrics: Metrics
    let health: DatabaseHealth
    /// Rings when messages are due, or when publishers have waited long enough.
    let alarm = Alarm()
    let state: Mutex<State>
    /// True if the driver has raised the database's durability.
    private let isRaised = Mutex(false)

    init(
        database: Link<any QueueDatabase>, durability: CommitDurability, environment: RuntimeEnvironment, log: Log
    ) {
        table = QueueTable(database: database)
        executors = environment.executors
        clock = environment.clock
        time = QueueTime(by: clock)
        metrics = environment.metrics
        self.log = log
        health = DatabaseHealth(clock: clock, log: log)
        state = Mutex(State(durability: durability))
    }

    /// The durability of the commits with accepted messages.
    var durability: CommitDurability { state.withLock { $0.durability } }

    /// The number that is in the driver's claims; nil while the service does not run.
    var owner: Int? { state.withLock { $0.owner } }

    /// The queues to which entries refer.
    var queues: [StoredQueue] { state.withLock { $0.queues.compactMap(\.queue) } }

    /// Sets the alarm for a time at which messages are due.
    func setAlarm(at due: Int) { alarm.set(at: time.moment(due)) }

    /// Returns the error for a publisher while the service does not run.
    func refusal(of queue: EntryID) -> WippyError {
        WippyError(
            .unavailable, "the queue '\(queue)' takes no messages: its driver does not run", isRetryable: true)
    }

    /// Changes the durability of later commits.
    func change(to durability: CommitDurability) {
        state.withLock { $0.durability = durability }
        adjustDatabase()
    }

    /// Raises the database's durability if the service runs with full durability, and otherwise lowers it again.
    ///
    /// The service and a reload may call this at the same time. The later call sees the changes of both.
    func adjustDatabase() {
        isRaised.withLock { isRaised in
            let mustBeRaised = state.withLock { $0.owner != nil && $0.durability == .full }
            guard mustBeRaised != isRaised else { return }
            isRaised = mustBeRaised
            let database = table.database.target
            if mustBeRaised { database.raiseDurability() } else { database.lowerDurability() }
        }
    }
}

// The driver's queues.
extension SQLQueueDriver {
    /// Returns the key of a queue in the tables.
    static func key(of id: EntryID, _ settings: QueueSettings) -> ExactText {
        ExactText(settings.name ?? id.description)
    }

    func makeQueue(
        _ id: EntryID, settings: QueueSettings, options: Options, deadLetters: DeadLetters?
    ) -> SQLQueue {
        let key = Self.key(of: id, settings)
        let stored = state.withLock { state in
            state.queues.removeAll { $0.queue == nil }
            if let known = state.queues.lazy.compactMap(\.queue).first(where: { ExactText($0.key) == key }) {
                return known
            }
            let stored = StoredQueue(key: key.string)
            state.queues.append(WeakQueue(queue: stored))
            return stored
        }
        return SQLQueue(
            id, stored, SQLQueue.Settings(queue: settings, options: options, deadLetters: deadLetters), of: self)
    }

    /// Returns an update that keeps the queue's messages; nil if another driver has made the queue.
    func update(
        _ queue: SQLQueue, settings: QueueSettings, options: Options, deadLetters: DeadLetters?
    ) -> Update? {
        guard queue.driver === self else { return nil }
        let new = SQLQueue.Settings(queue: settings, options: options, deadLetters: deadLetters)
        return Update(from: queue.settings, to: new) { queue.change(to: $0) }
    }
}

extension QueueDatabase {
    /// Creates the driver of `queue.driver.sql` for this database.
    package func queueDriver(in environment: RuntimeEnvironment) -> any QueueDriver & ManagedService {
        SQLQueueDriver(database: Link(self), durability: .full, environment: environment, log: environment.log)
    }
}
