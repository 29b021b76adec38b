import Synchronization
import WippyDefinition
import WippyLog
import WippyMessaging
import WippyRuntime
import WippySQL
import WippyText
import WippyValues

/// A queue whose messages are rows of a database.
///
/// The settings can change while the queue is in use.
final class SQLQueue: TransactionalQueue {
    /// The settings in the queue's entry.
    final class Settings: Sendable {
        /// The settings of the entry that every driver follows.
        let queue: QueueSettings
        let options: SQLQueueDriver.Options
        let deadLetters: DeadLetters?

        init(queue: QueueSettings, options: SQLQueueDriver.Options, deadLetters: DeadLetters?) {
            self.queue = queue
            self.options = options
            self.deadLetters = deadLetters
        }
    }

    private static let lostClaimsMetric = Metric<Counter>(
        "messages.lost_claims", of: "a durable queue", unit: "claims", "Claims that another process has taken over.")
    private static let expiredMetric = Metric<Counter>(
        "messages.expired", of: "a durable queue", unit: "messages", "Messages whose turn came after their `ttl`.")

    /// The metrics that only a durable queue has.
    static let metrics = [lostClaimsMetric.description, expiredMetric.description]

    let id: EntryID
    let driver: SQLQueueDriver
    let stored: StoredQueue
    let log: Log
    private let currentSettings: Mutex<Settings>
    /// The number of claims that another process took away before their end.
    let lostClaims: Counter
    /// The number of messages whose time to live was over before a worker was free.
    let expired: Counter

    init(_ id: EntryID, _ stored: StoredQueue, _ settings: Settings, of driver: SQLQueueDriver) {
        self.id = id
        self.stored = stored
        self.driver = driver
        log = driver.log.with(entry: id.description)
        currentSettings = Mutex(settings)
        lostClaims = driver.metrics.counter(Self.lostClaimsMetric, of: id)
        expired = driver.metrics.counter(Self.expiredMetric, of: id)
    }

    /// The current settings.
    var settings: Settings { currentSettings.withLock { $0 } }

    /// Changes the settings.
    func change(to settings: Settings) { currentSettings.withLock { $0 = settings } }

    func subscribe(prefetch: Int) -> any MessageSubscription {
        let subscription = SQLSubscription(to: self, prefetch: prefetch, executor: driver.executors.next())
        stored.add(subscription)
        if !stored.isOpen { driver.openSoon() }
        return subscription
    }

    var isDurable: Bool { true }

    /// Returns at once, because a stop of the application loses no messages.
    func drain(until deadline: Duration) -> Int { stored.accepted }

    /// The number of messages.
    ///
    /// For a long queue, it is the number that this process knows, so that counting stays fast.
    var count: MessageCount {
        get async throws {
            guard driver.owner != nil else { return try await storedQueues.count(of: stored.key) }
            let most = QueueTable.maxCount
            let count = try await driver.table.count(of: stored.key, atMost: most)
            if let count = stored.completed(count, countedTo: most) { return count }
            return try await driver.table.count(of: stored.key)
        }
    }
}
