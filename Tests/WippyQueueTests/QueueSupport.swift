import Synchronization
import WippyDefinition
import WippyLog
import WippyMessaging
import WippyRuntime
import WippyTesting
import WippyValues

@testable import WippyQueue

/// Something that tests and handlers share.
final class Shared<Value: Sendable>: Sendable {
    private let mutex: Mutex<Value>

    init(_ value: Value) { mutex = Mutex(value) }

    var value: Value { mutex.withLock { $0 } }

    func update(_ change: @Sendable (inout Value) -> Void) { mutex.withLock { change(&$0) } }
}

/// Calls a closure for each message.
struct ClosureFunction: MessageFunction {
    let body: @Sendable (Delivery) async throws -> Void

    init(_ body: @escaping @Sendable (Delivery) async throws -> Void) { self.body = body }

    func handle(_ delivery: Delivery) async throws { try await body(delivery) }
}

/// Publishes numbers from several tasks at once while `body` runs, and counts those that are accepted.
func publishing(
    to queue: MemoryQueue, from publishers: Int, counting accepted: Counter, while body: () async throws -> Void
) async throws {
    try await withThrowingTaskGroup { group in
        let isOver = OneShotEvent()
        for publisher in 0..<publishers {
            group.addTask {
                var number = publisher
                while !isOver.isFired {
                    if (try? await queue.publish(.number(number))) != nil { accepted.add() }
                    number += 1
                    await Task.yield()
                }
            }
        }
        defer { isOver.fire() }
        try await body()
    }
}

extension QueueRetry {
    init(
        initialDelay: Duration? = nil, maxDelay: Duration = .seconds(30), backoffFactor: Double = 2, jitter: Double = 0
    ) {
        self = .standard
        self.initialDelay = initialDelay
        self.maxDelay = maxDelay
        self.backoffFactor = backoffFactor
        self.jitter = jitter
    }
}

extension MemoryQueueDriver {
    /// A queue as an entry makes it that writes these fields.
    func queue(
        _ name: String, maxLength: Int = 1000, publishTimeout: Duration = .seconds(5), retry: QueueRetry = .standard,
        deadLetters: (any MessageQueue)? = nil, maxAttempts: Int = 5
    ) -> MemoryQueue {
        var settings = QueueSettings.standard
        settings.retry = retry
        settings.publishTimeout = publishTimeout
        var options = Options.standard
        options.maxLength = maxLength
        return makeQueue(
            .app(name), settings: settings, options: options,
            deadLetters: deadLetters.map { DeadLetters(id: .app("dead"), queue: Link($0), maxAttempts: maxAttempts) })
    }
}

extension EntryID {
    static func app(_ name: String) -> EntryID { EntryID(namespace: "app", name: name) }
}

extension QueueConsumer {
    /// A consumer of one queue, in a test.
    init(
        _ queue: any MessageQueue, concurrency: Int = 1, executors: any ExecutorProvider = SharedPoolExecutors(),
        clock: any RuntimeClock = SystemClock(), log: Log = .silent,
        _ body: @escaping @Sendable (Delivery) async throws -> Void
    ) {
        self.init(
            queue: Link(queue),
            workers: ConsumerWorkers(.init(concurrency: concurrency, function: Link(ClosureFunction(body)))),
            prefetch: 10, executors: executors, clock: clock, log: log, handled: Counter(), failed: Counter(),
            duration: MetricTimer())
    }
}

/// A queue whose driver fails when it is told to.
final class FailingQueue: MessageQueue, MessageSubscription {
    struct Down: Error, CustomStringConvertible {
        let description = "the broker is away"
    }

    private let queue: MemoryQueue
    private let subscription: any MessageSubscription
    let fails = Shared(true)
    /// True if the driver fails at each settlement that does not give the message back.
    let onlyTakesBack = Shared(false)

    init(_ queue: MemoryQueue) {
        self.queue = queue
        subscription = queue.subscribe(prefetch: 1)
    }

    var count: MessageCount { queue.count }
    @discardableResult
    func publish(_ message: Message) async throws -> Bool { try await queue.publish(message) }
    func subscribe(prefetch: Int) -> any MessageSubscription { self }
    func drain(until deadline: Duration) async -> Int { await queue.drain(until: deadline) }

    func next() async throws -> Delivery? {
        if fails.value { throw Down() }
        return try await subscription.next()
    }

    func settle(_ delivery: Delivery, _ settlement: Settlement) async throws -> Bool {
        if fails.value { throw Down() }
        if case .returned = settlement {} else if onlyTakesBack.value { throw Down() }
        return try await subscription.settle(delivery, settlement)
    }

    func close() async { await subscription.close() }
}

/// Runs a service beside a test, tells it to stop at the end, and waits for that.
func running(
    _ service: some ManagedService, _ body: (StopSignal) async throws -> Void
) async throws {
    try await withThrowingTaskGroup { group in
        let stop = StopSignal()
        let isReady = OneShotEvent()
        group.addTask { try await service.run(ready: { isReady.fire() }, stop: stop) }
        await isReady.wait()
        do {
            try await body(stop)
        } catch {
            group.cancelAll()
            throw error
        }
        stop.fire()
        try await group.waitForAll()
    }
}
