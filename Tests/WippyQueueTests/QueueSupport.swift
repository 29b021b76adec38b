import Dispatch
import Synchronization
import WippyDefinition
import WippyLog
import WippyRuntime
import WippyValues

@testable import WippyQueue

/// A clock that stands still until the test advances it.
final class ManualClock: RuntimeClock {
    private struct State {
        var now = Duration.zero
        var nextKey = 0
        var sleepers: [Int: (deadline: Duration, continuation: CheckedContinuation<Void, any Error>)] = [:]
    }

    private let state = Mutex(State())

    var now: Duration { state.withLock { $0.now } }

    /// The moments that tasks sleep until now.
    var deadlines: Set<Duration> { state.withLock { Set($0.sleepers.values.map(\.deadline)) } }

    func sleep(until deadline: Duration) async throws {
        let key = state.withLock { state in
            state.nextKey += 1
            return state.nextKey
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let isOver = state.withLock { state in
                    if deadline > state.now { state.sleepers[key] = (deadline, continuation) }
                    return deadline <= state.now
                }
                if isOver { continuation.resume() }
                if Task.isCancelled { cancel(key) }
            }
        } onCancel: {
            cancel(key)
        }
    }

    func advance(by duration: Duration) {
        let woken = state.withLock { state in
            state.now += duration
            let now = state.now
            let due = state.sleepers.filter { $0.value.deadline <= now }
            for key in due.keys { state.sleepers[key] = nil }
            return due.values.map(\.continuation)
        }
        for continuation in woken { continuation.resume() }
    }

    private func cancel(_ key: Int) {
        let sleeper = state.withLock { $0.sleepers.removeValue(forKey: key) }
        sleeper?.continuation.resume(throwing: CancellationError())
    }
}

/// Keeps the lines of a log.
final class KeptLines: LogSink {
    private let kept = Mutex<[LogRecord]>([])

    var lines: [LogRecord] { kept.withLock { $0 } }

    func write(_ record: LogRecord) { kept.withLock { $0.append(record) } }
}

/// Something that tests and handlers share.
final class Shared<Value: Sendable>: Sendable {
    private let mutex: Mutex<Value>

    init(_ value: Value) { mutex = Mutex(value) }

    var value: Value { mutex.withLock { $0 } }

    func update(_ change: @Sendable (inout Value) -> Void) { mutex.withLock { change(&$0) } }
}

/// An executor of one thread, like an event loop.
final class OneThread: TaskExecutor, ExecutorProvider {
    private let queue = DispatchQueue(label: "one thread")

    func next() -> any TaskExecutor { self }

    var shared: any TaskExecutor { self }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}

struct TimeLimitReached: Error {}

/// Waits until a condition holds.
///
/// - Throws: ``TimeLimitReached`` after half a minute.
func eventually(_ condition: () -> Bool) async throws {
    let limit = ContinuousClock.now + .seconds(30)
    while !condition() {
        guard ContinuousClock.now < limit else { throw TimeLimitReached() }
        try await Task.sleep(for: .milliseconds(1))
    }
}

/// Calls a closure for each message.
struct ClosureFunction: MessageFunction {
    let body: @Sendable (Delivery) async throws -> Void

    init(_ body: @escaping @Sendable (Delivery) async throws -> Void) { self.body = body }

    func handle(_ delivery: Delivery) async throws { try await body(delivery) }
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
        _ queue: any MessageQueue, concurrency: Int = 1, clock: any RuntimeClock = SystemClock(), log: Log = .silent,
        _ body: @escaping @Sendable (Delivery) async throws -> Void
    ) {
        self.init(
            queue: Link(queue), function: Link(ClosureFunction(body)), concurrency: concurrency, prefetch: 10,
            executors: SharedPoolExecutors(), clock: clock, log: log, handled: Counter(), failed: Counter(),
            duration: MetricTimer())
    }
}

/// Runs a service beside a test, tells it to stop at the end, and waits for that.
func running(
    _ service: some ManagedService, _ body: (StopSignal) async throws -> Void
) async throws {
    try await withThrowingTaskGroup { group in
        let stop = StopSignal()
        let isReady = StopSignal()
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
