import Synchronization
import WippyDefinition
import WippyLog
import WippyMessaging
import WippyRuntime
import WippySQL
import WippyTestTools
import WippyValues

/// A queue driver under test.
struct QueueBench: Sendable {
    /// A driver of any type, and its service.
    struct Driver: Sendable {
        /// The services of the storage and of the driver.
        let service: any ManagedService
        /// The service of the storage; nil if the driver needs none.
        let storage: (any ManagedService)?
        let supportedOptions: Set<MessageOption>
        let makeQueue: @Sendable (Definition) throws -> any MessageQueue
        let update: @Sendable (any MessageQueue, Definition) throws -> Update?
        /// Makes the driver's storage fail, or work again; nil if the test cannot do that.
        let failStorage: (@Sendable (Bool) async throws -> Void)?
        /// The database with the driver's queues; nil if the suite does not need it.
        let database: (any QueueDatabase)?

        init<Taken: QueueDriver>(
            _ driver: Taken, service: any ManagedService, storage: (any ManagedService)? = nil,
            optionsOfOne: Taken.Options?, failStorage: (@Sendable (Taken, Bool) async throws -> Void)? = nil,
            database: (any QueueDatabase)? = nil
        ) {
            self.database = database
            self.service = storage.map { OrderedServices($0, service) } ?? service
            self.storage = storage
            if let failStorage {
                self.failStorage = { fails in try await failStorage(driver, fails) }
            } else {
                self.failStorage = nil
            }
            supportedOptions = Taken.supportedOptions
            makeQueue = { queue in
                try driver.makeQueue(
                    queue.id, settings: queue.settings, options: queue.options(ofOne: optionsOfOne),
                    deadLetters: queue.deadLetters)
            }
            update = { queue, new in
                guard let queue = queue as? Taken.Queue else { return nil }
                return try driver.update(
                    queue, settings: new.settings, options: new.options(ofOne: optionsOfOne),
                    deadLetters: new.deadLetters)
            }
        }
    }

    /// The fields of a queue's entry.
    struct Definition: Sendable {
        let id: EntryID
        var settings: QueueSettings
        let isFullWithOne: Bool
        let deadLetters: DeadLetters?

        func options<Options: EntryConfig>(ofOne optionsOfOne: Options?) -> Options {
            (isFullWithOne ? optionsOfOne : nil) ?? .standard
        }
    }

    typealias Make = @Sendable (RuntimeEnvironment, String) async throws -> Driver

    /// The delay of a rejected message, unless a rule sets another one.
    static let delay = Duration.milliseconds(200)

    let clock: any RuntimeClock
    let patience: Patience
    /// The time at which the bench was made, in seconds.
    ///
    /// A clock that stands still may show this time as now.
    let begin = UnixTime.now
    let log = LogRecorder()
    private let folder: TemporaryFolder
    private let make: Make
    private let driver: Driver

    init(
        in folder: TemporaryFolder, clock: any RuntimeClock, patience: Patience, _ make: @escaping Make
    ) async throws {
        self.folder = folder
        self.clock = clock
        self.patience = patience
        self.make = make
        let environment = RuntimeEnvironment(
            executors: SharedPoolExecutors(), clock: clock, log: Log(to: log), metrics: Metrics())
        driver = try await make(environment, folder.path)
    }

    /// True if the driver says that it supports an option of messages.
    func supports(_ option: MessageOption) -> Bool { driver.supportedOptions.contains(option) }

    /// The database with the driver's queues.
    var database: any QueueDatabase {
        get throws(Finding) {
            guard let database = driver.database else { throw Finding("the suite was given no database") }
            return database
        }
    }

    /// Makes the driver again, in the same folder.
    func madeAnew() async throws -> QueueBench {
        try await QueueBench(in: folder, clock: clock, patience: patience, make)
    }

    /// Makes another driver, in a folder of its own.
    func another() async throws -> QueueBench {
        try await QueueBench(in: TemporaryFolder(), clock: clock, patience: patience, make)
    }

    /// Makes a queue.
    func queue(
        _ name: String = "tasks", delay: Duration = delay, publishTimeout: Duration = .seconds(60),
        isFullWithOne: Bool = false, deadLetters: (id: EntryID, queue: any MessageQueue)? = nil, maxAttempts: Int = 2
    ) throws -> BenchQueue {
        let definition = Self.definition(
            name, delay: delay, publishTimeout: publishTimeout, isFullWithOne: isFullWithOne, deadLetters: deadLetters,
            maxAttempts: maxAttempts)
        return BenchQueue(id: definition.id, queue: try driver.makeQueue(definition), patience: patience)
    }

    /// Prepares a change of a queue's settings.
    ///
    /// - Parameter name: the queue's new name; nil to keep the old one.
    /// - Returns: the change; nil if the queue must be built anew.
    func update(_ queue: BenchQueue, delay: Duration = delay, name: String? = nil) throws -> Update? {
        var definition = Self.definition(queue.id.name, delay: delay)
        definition.settings.name = name
        return try driver.update(queue.queue, definition)
    }

    private static func definition(
        _ name: String, delay: Duration, publishTimeout: Duration = .seconds(60), isFullWithOne: Bool = false,
        deadLetters: (id: EntryID, queue: any MessageQueue)? = nil, maxAttempts: Int = 2
    ) -> Definition {
        var settings = QueueSettings.standard
        settings.retry.initialDelay = delay
        settings.retry.maxDelay = max(delay, settings.retry.maxDelay)
        settings.retry.backoffFactor = 1
        settings.retry.jitter = 0
        settings.publishTimeout = publishTimeout
        settings.deadLetterMaxAttempts = maxAttempts
        return Definition(
            id: EntryID(namespace: "conformance", name: name), settings: settings, isFullWithOne: isFullWithOne,
            deadLetters: deadLetters.map { DeadLetters(id: $0.id, queue: Link($0.queue), maxAttempts: maxAttempts) })
    }

    /// Runs the driver's service until `body` has ended.
    func running(_ body: () async throws -> Void) async throws {
        try await driver.service.running(with: patience, body)
    }

    /// Runs only the service of the driver's storage until `body` has ended.
    func runningStorage(_ body: () async throws -> Void) async throws {
        guard let storage = driver.storage else { return try await body() }
        try await storage.running(with: patience, body)
    }

    /// Lets the driver's storage fail until `body` has ended.
    func whileStorageFails<Result>(_ body: () async throws -> Result) async throws -> Result {
        guard let failStorage = driver.failStorage else { throw Finding("the storage cannot be made to fail") }
        try await failStorage(true)
        let result: Result
        do {
            result = try await body()
        } catch {
            try await failStorage(false)
            throw error
        }
        try await failStorage(false)
        return result
    }

    /// Lets time pass until `body` has ended.
    func whileTimePasses<Result>(_ body: () async throws -> Result) async throws -> Result {
        guard let clock = clock as? TestClock else { return try await body() }
        let ticking = Task {
            while !Task.isCancelled {
                clock.advance(by: .milliseconds(10))
                try await Task.sleep(for: .milliseconds(1))
            }
        }
        defer { ticking.cancel() }
        return try await body()
    }
}

/// A queue of the driver under test.
///
/// Each of its calls must end.
struct BenchQueue: Sendable {
    let id: EntryID
    let queue: any MessageQueue
    let patience: Patience

    @discardableResult
    func publish(_ message: Message) async throws -> Bool {
        try await patience.outcome(of: "'publish'") { try await queue.publish(message) }
    }

    /// Publishes messages whose bodies are these numbers.
    func publish(_ numbers: Range<Int>) async throws {
        for number in numbers { try await publish(Message(body: .integer(number))) }
    }

    /// Publishes a message whose body is 0, and lets its first attempt fail.
    func publishFailed() async throws {
        try await publish(0..<1)
        let subscription = try await subscribe()
        try await subscription.settleNext(.failed)
        try await subscription.close()
    }

    func subscribe(prefetch: Int = 1) async throws -> BenchSubscription {
        let subscription = try await patience.outcome(of: "'subscribe'") {
            try await queue.subscribe(prefetch: prefetch)
        }
        return BenchSubscription(subscription: subscription, patience: patience)
    }

    func count() async throws -> MessageCount {
        try await patience.outcome(of: "'count'") { try await queue.count }
    }

    /// The number of messages, whether ready, delayed or claimed.
    func total() async throws -> Int { try await count().total }

    func drain(until deadline: Duration) async throws -> Int {
        try await patience.outcome(of: "'drain'") { await queue.drain(until: deadline) }
    }
}

/// A subscription to a queue of the driver under test.
///
/// Each of its calls must end.
struct BenchSubscription: Sendable {
    let subscription: any MessageSubscription
    let patience: Patience

    func next() async throws -> Delivery? {
        try await patience.outcome(of: "'next'") { try await subscription.next() }
    }

    /// Claims the next message, which must exist.
    func take() async throws -> Delivery {
        guard let delivery = try await next() else {
            throw Finding("'next' must give a message, and gave nil although the subscription is not closed")
        }
        return delivery
    }

    @discardableResult
    func settle(_ delivery: Delivery, _ settlement: Settlement) async throws -> Bool {
        try await patience.outcome(of: "'settle'") { try await subscription.settle(delivery, settlement) }
    }

    /// Claims the next message and settles it.
    @discardableResult
    func settleNext(_ settlement: Settlement) async throws -> Delivery {
        let delivery = try await take()
        try await settle(delivery, settlement)
        return delivery
    }

    func close() async throws {
        try await patience.outcome(of: "'close'") { await subscription.close() }
    }
}

extension Settlement {
    /// The settlement after the handler has failed.
    static let failed = Settlement.rejected(reason: "the handler failed")
}

/// A queue for dead letters, of another driver.
///
/// It accepts messages only while it is open. Otherwise it refuses them, or a publisher waits for ever.
final class DeadLetterQueue: MessageQueue {
    private struct State {
        var isOpen: Bool
        let hangs: Bool
        var messages: [Message] = []
        var refusals = 0
    }

    let id = EntryID(namespace: "conformance", name: "dead_letters")
    private let state: Mutex<State>

    init(isOpen: Bool = true) {
        state = Mutex(State(isOpen: isOpen, hangs: false))
    }

    /// Creates a queue that is not open yet.
    ///
    /// - Parameter hangs: true if a publisher waits for ever, false if it is refused.
    init(hangs: Bool) {
        state = Mutex(State(isOpen: false, hangs: hangs))
    }

    var messages: [Message] { state.withLock { $0.messages } }

    /// The number of messages that it has refused.
    var refusals: Int { state.withLock { $0.refusals } }

    func open() { state.withLock { $0.isOpen = true } }

    func publish(_ message: Message) async throws -> Bool {
        if state.withLock({ $0.hangs && !$0.isOpen }) { try await Task.sleep(for: .seconds(36_000)) }
        try state.withLock { state in
            guard state.isOpen else {
                state.refusals += 1
                throw WippyError(.unavailable, "the queue is closed", isRetryable: true)
            }
            state.messages.append(message)
        }
        return true
    }

    func subscribe(prefetch: Int) throws -> any MessageSubscription {
        throw WippyError(.invalid, "nobody reads the queue", isRetryable: false)
    }

    func drain(until deadline: Duration) -> Int { messages.count }

    var count: MessageCount { MessageCount(ready: messages.count, delayed: 0, claimed: 0) }
}
