import Synchronization
import WippyMessaging
import WippyRuntime

/// The number of a consumer's workers, and the function that they call.
///
/// Both can change while the workers run.
final class ConsumerWorkers: Sendable {
    /// The settings of the workers in the consumer's entry.
    struct Settings: Sendable {
        /// The number of messages that are handled at the same time.
        let concurrency: Int
        let function: Link<any MessageFunction>
    }

    private struct State {
        var settings: Settings
        /// The duties of the running workers, and of some that have ended.
        var duties: [WorkerDuty] = []
        /// Starts workers; nil while the consumer does not run.
        var requests: AsyncStream<WorkerDuty>.Continuation?

        /// Keeps workers that were about to end, and starts new workers for the rest.
        mutating func grow(by count: Int) {
            var missing = count
            for duty in duties where missing > 0 && duty.goOn() { missing -= 1 }
            for _ in 0..<missing {
                let duty = WorkerDuty()
                duties.append(duty)
                requests?.yield(duty)
            }
        }

        /// Ends workers.
        ///
        /// It begins with those that wait for a message.
        mutating func shrink(by count: Int) {
            var surplus = count
            for duty in duties where surplus > 0 && duty.endWhileTaking() { surplus -= 1 }
            for duty in duties where surplus > 0 && duty.end() { surplus -= 1 }
            duties.removeAll { $0.hasEnded }
        }
    }

    private let state: Mutex<State>
    private let versionOfFunction = Atomic(0)

    init(_ settings: Settings) {
        state = Mutex(State(settings: settings))
    }

    /// The current settings.
    var settings: Settings { state.withLock { $0.settings } }

    /// Changes the settings.
    ///
    /// New workers begin at once. A surplus worker ends when it has settled its message.
    func change(to settings: Settings) {
        state.withLock { state in
            let growth = settings.concurrency - state.settings.concurrency
            state.settings = settings
            versionOfFunction.add(1, ordering: .releasing)
            guard state.requests != nil else { return }
            if growth > 0 { state.grow(by: growth) } else { state.shrink(by: -growth) }
        }
    }

    /// Begins to start workers.
    ///
    /// - Returns: the duties of the workers that must begin, until ``end()``.
    func begin() -> AsyncStream<WorkerDuty> {
        let (stream, requests) = AsyncStream<WorkerDuty>.makeStream()
        state.withLock { state in
            state.requests = requests
            state.duties = []
            state.grow(by: state.settings.concurrency)
        }
        return stream
    }

    /// Starts no more workers.
    func end() {
        state.withLock { $0.requests.take() }?.finish()
    }

    /// The function that one worker calls.
    ///
    /// For each message, the worker checks the version of the function. It reads the function again only after a
    /// change.
    struct Function {
        private let workers: ConsumerWorkers
        private var version: Int
        private var link: Link<any MessageFunction>

        init(of workers: ConsumerWorkers) {
            self.workers = workers
            // The version is read first. If the link changes in between, it is read once more. So an old link is never
            // kept.
            version = workers.versionOfFunction.load(ordering: .acquiring)
            link = workers.settings.function
        }

        /// The current function.
        var current: any MessageFunction {
            mutating get {
                if version != workers.versionOfFunction.load(ordering: .acquiring) { self = Function(of: workers) }
                return link.target
            }
        }
    }
}

/// The state of one worker.
///
/// The worker and the consumer share it.
///
/// The worker notes when it has claimed and settled a message. The consumer notes when the worker must end.
///
/// A worker ends between two messages. If it waits for a message, its wait is cancelled. No handler is cancelled.
final class WorkerDuty: Sendable {
    private enum Phase: UInt8, AtomicRepresentable {
        /// The worker waits for a message.
        case taking
        /// The worker has a message.
        case handling
        /// The worker has a message, and ends when the message is settled.
        case handlingLast
        /// The worker has ended.
        case ended
    }

    private let phase = Atomic(Phase.taking)
    private let wait = OneShotEvent()

    /// True if the worker has ended.
    var hasEnded: Bool { phase.load(ordering: .acquiring) == .ended }

    private func move(from old: Phase, to new: Phase) -> Bool {
        phase.compareExchange(expected: old, desired: new, ordering: .acquiringAndReleasing).exchanged
    }
}

// Methods for the worker.
extension WorkerDuty {
    /// Notes that the worker has got a message.
    ///
    /// - Returns: false if the worker has ended. It must give the message back.
    func hasTaken() -> Bool { move(from: .taking, to: .handling) }

    /// Notes that the worker has settled its message.
    ///
    /// - Returns: false if the worker must end.
    func hasSettled() -> Bool {
        while true {
            if move(from: .handling, to: .taking) { return true }
            // If neither move was possible, the consumer has just told the worker to continue.
            if move(from: .handlingLast, to: .ended) { return false }
        }
    }

    /// Runs the worker's loop, and cancels it if the worker must end while it waits for a message.
    ///
    /// - Returns: the result of `work`.
    func perform<Result: Sendable>(_ work: @escaping @Sendable () async -> Result?) async -> Result? {
        await withTaskGroup(of: Result?.self) { group in
            group.addTask { await work() }
            group.addTask { [wait] in
                await wait.wait()
                return nil
            }
            var result: Result?
            for await one in group {
                group.cancelAll()
                result = result ?? one
            }
            return result
        }
    }
}

// Methods for the consumer.
extension WorkerDuty {
    /// Ends the worker if it waits for a message.
    ///
    /// - Returns: true if the worker waited.
    func endWhileTaking() -> Bool {
        guard move(from: .taking, to: .ended) else { return false }
        wait.fire()
        return true
    }

    /// Ends the worker as soon as it has settled its message.
    ///
    /// - Returns: false if the worker was about to end already.
    func end() -> Bool {
        while true {
            if endWhileTaking() || move(from: .handling, to: .handlingLast) { return true }
            switch phase.load(ordering: .acquiring) {
            case .taking, .handling: continue
            case .handlingLast, .ended: return false
            }
        }
    }

    /// Lets the worker go on if it was about to end but still has a message.
    ///
    /// - Returns: true if the worker was in this state.
    func goOn() -> Bool { move(from: .handlingLast, to: .handling) }
}
