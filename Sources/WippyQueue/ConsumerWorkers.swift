import Synchronization
import WippyRuntime

/// What a consumer's workers are told, also while they work: how many they are to be, and which function they call.
final class ConsumerWorkers: Sendable {
    /// What the consumer's entry says of its workers.
    struct Setup: Sendable {
        /// How many messages are handled at once.
        let concurrency: Int
        let function: Link<any MessageFunction>
    }

    private struct State {
        var setup: Setup
        /// Of those who work, and some who do not any more.
        var duties: [WorkerDuty] = []
        /// Asks for workers; nil while the consumer does not run.
        var requests: AsyncStream<WorkerDuty>.Continuation?

        /// Has workers that were to end go on, and asks for new ones.
        mutating func grow(by count: Int) {
            var missing = count
            for duty in duties where missing > 0 && duty.goOn() { missing -= 1 }
            for _ in 0..<missing {
                let duty = WorkerDuty()
                duties.append(duty)
                requests?.yield(duty)
            }
        }

        /// Has workers end, those first that wait for a message.
        mutating func shrink(by count: Int) {
            var surplus = count
            for duty in duties where surplus > 0 && duty.endWhileTaking() { surplus -= 1 }
            for duty in duties where surplus > 0 && duty.end() { surplus -= 1 }
            duties.removeAll { $0.hasEnded }
        }
    }

    private let state: Mutex<State>
    private let versionOfFunction = Atomic(0)

    init(_ setup: Setup) {
        state = Mutex(State(setup: setup))
    }

    /// What is to be now.
    var setup: Setup { state.withLock { $0.setup } }

    /// Changes what is to be: further workers begin at once, and those who are too many end as soon as they have
    /// settled what they have in hand.
    func change(to setup: Setup) {
        state.withLock { state in
            let growth = setup.concurrency - state.setup.concurrency
            state.setup = setup
            versionOfFunction.add(1, ordering: .releasing)
            guard state.requests != nil else { return }
            if growth > 0 { state.grow(by: growth) } else { state.shrink(by: -growth) }
        }
    }

    /// Begins to ask for workers.
    ///
    /// - Returns: a duty for each worker that is to begin, until ``end()``.
    func begin() -> AsyncStream<WorkerDuty> {
        let (stream, requests) = AsyncStream<WorkerDuty>.makeStream()
        state.withLock { state in
            state.requests = requests
            state.duties = []
            state.grow(by: state.setup.concurrency)
        }
        return stream
    }

    /// Asks for no more workers.
    func end() {
        state.withLock { $0.requests.take() }?.finish()
    }

    /// The function that one worker calls: looked at once for each message, and read anew only if it has changed.
    struct Function {
        private let workers: ConsumerWorkers
        private var version: Int
        private var link: Link<any MessageFunction>

        init(of workers: ConsumerWorkers) {
            self.workers = workers
            // The version first: a link that is newer is read once more, and never one that is older kept.
            version = workers.versionOfFunction.load(ordering: .acquiring)
            link = workers.setup.function
        }

        /// The function as it is now.
        var current: any MessageFunction {
            mutating get {
                if version != workers.versionOfFunction.load(ordering: .acquiring) { self = Function(of: workers) }
                return link.target
            }
        }
    }
}

/// Whether a worker is to go on: it says when it has a message and when it has settled that, and others say when it is
/// to end.
///
/// It ends between two messages. One that waits for a message has its wait cancelled; no handler is.
final class WorkerDuty: Sendable {
    private enum Phase: UInt8, AtomicRepresentable {
        /// Waits for a message.
        case taking
        /// Has a message in hand.
        case handling
        /// Has a message in hand, and ends when that is settled.
        case handlingLast
        /// Takes no message any more.
        case ended
    }

    private let phase = Atomic(Phase.taking)
    private let wait = StopSignal()

    /// Whether the worker takes no message any more.
    var hasEnded: Bool { phase.load(ordering: .acquiring) == .ended }

    private func move(from old: Phase, to new: Phase) -> Bool {
        phase.compareExchange(expected: old, desired: new, ordering: .acquiringAndReleasing).exchanged
    }
}

// For the worker.
extension WorkerDuty {
    /// Notes that a message came.
    ///
    /// - Returns: false if it came too late: it is to be given back.
    func hasTaken() -> Bool { move(from: .taking, to: .handling) }

    /// Notes that the message is settled.
    ///
    /// - Returns: false if the worker is to end.
    func hasSettled() -> Bool {
        while true {
            if move(from: .handling, to: .taking) { return true }
            // If neither is so, it was told to go on, after all, in between.
            if move(from: .handlingLast, to: .ended) { return false }
        }
    }

    /// Runs what takes and handles messages, and cancels it if it is to end while it waits for one.
    ///
    /// - Returns: what `work` returns.
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

// For those who decide how many there are.
extension WorkerDuty {
    /// Has the worker end if it waits for a message.
    ///
    /// - Returns: whether that is so.
    func endWhileTaking() -> Bool {
        guard move(from: .taking, to: .ended) else { return false }
        wait.fire()
        return true
    }

    /// Has the worker end, once it has settled what it has in hand.
    ///
    /// - Returns: false if it was to end already.
    func end() -> Bool {
        while true {
            if endWhileTaking() || move(from: .handling, to: .handlingLast) { return true }
            switch phase.load(ordering: .acquiring) {
            case .taking, .handling: continue
            case .handlingLast, .ended: return false
            }
        }
    }

    /// Has a worker go on that was to end and has a message in hand still.
    ///
    /// - Returns: whether that is so.
    func goOn() -> Bool { move(from: .handlingLast, to: .handling) }
}
