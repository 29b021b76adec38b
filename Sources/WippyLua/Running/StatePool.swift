import LuaEngine
import Synchronization
import WippyCollections
import WippyRuntime

/// The states of a function, each lent to one call at a time.
///
/// A state is made when a call finds none idle, up to a number; then calls wait, in order of arrival, as long as their
/// tasks are not cancelled.
final class StatePool: Sendable {
    private struct Idle {
        let state: LoadedState
        let since: Duration
    }

    private struct State {
        /// Those that nobody uses, the latest last.
        var idle: [Idle] = []
        /// How many states there are, with those that are being made.
        var count = 0
        /// Who waits for a state, or for leave to make one.
        var waiting = WaitingLine<CheckedContinuation<LoadedState?, any Error>>()
        var nextTicket = 0
        var isWatched = false
    }

    /// How long a state stays that nobody uses.
    static let idleTime = Duration.seconds(30)

    private let source: StateSource
    private let size: LuaPoolSize
    private let clock: any RuntimeClock
    private let state = Mutex(State())

    init(_ source: StateSource, size: LuaPoolSize) {
        (self.source, self.size) = (source, size)
        clock = source.context.environment.clock
    }

    /// How many states there may be.
    var statesMax: Int { size.statesMax }

    /// How many states there are.
    var count: Int { state.withLock { $0.count } }

    /// Runs `body` with a state that nobody else has meanwhile.
    func lend<Result>(_ body: (LoadedState) async throws -> Result) async throws -> Result {
        // Most calls find one, which needs no wait.
        let idle = state.withLock { $0.idle.popLast()?.state }
        let lent = if let idle { idle } else { try await take() }
        defer { give(lent) }
        return try await body(lent)
    }

    /// What a call gets that wants a state.
    private enum Place {
        case state(LoadedState)
        /// Leave to make one.
        case new
        /// It is to wait with this ticket.
        case line(Int)
    }

    private func take() async throws -> LoadedState {
        let place: Place = state.withLock { state in
            if let idle = state.idle.popLast() { return .state(idle.state) }
            if state.count < size.statesMax {
                state.count += 1
                return .new
            }
            state.nextTicket += 1
            return .line(state.nextTicket)
        }
        switch place {
        case .state(let lent): return lent
        case .new: return try await make()
        case .line(let ticket):
            guard let lent = try await wait(with: ticket) else { return try await make() }
            return lent
        }
    }

    /// Makes a state, for which there is room.
    private func make() async throws -> LoadedState {
        do {
            return try await source.make()
        } catch {
            forget()
            throw error
        }
    }

    /// Waits for a state; nil is leave to make one.
    private func wait(with ticket: Int) async throws -> LoadedState? {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let early: Result<LoadedState?, any Error>? = state.withLock { state in
                    if Task.isCancelled { return .failure(CancellationError()) }
                    if let idle = state.idle.popLast() { return .success(idle.state) }
                    if state.count < size.statesMax {
                        state.count += 1
                        return .success(nil)
                    }
                    state.waiting.append(continuation, ticket: ticket)
                    return nil
                }
                if let early { continuation.resume(with: early) }
            }
        } onCancel: {
            state.withLock { $0.waiting.remove(ticket) }?.resume(throwing: CancellationError())
        }
    }

    /// Takes a state back; what takes a while is done where it holds nobody up.
    private func give(_ lent: LoadedState) {
        guard !lent.isUsable || lent.isSwollen else { return offer(lent) }
        Task(executorPreference: LuaThreads.pool) {
            guard lent.isUsable else { return self.forget() }
            lent.shrink()
            self.offer(lent)
        }
    }

    /// Has a state ready for whoever waits, or until somebody comes.
    private func offer(_ lent: LoadedState) {
        let (next, watches) = state.withLock { state in
            if let next = state.waiting.popFirst() { return (Optional(next), false) }
            state.idle.append(Idle(state: lent, since: clock.now))
            let watches = size.isEvicted && !state.isWatched
            if watches { state.isWatched = true }
            return (nil, watches)
        }
        next?.resume(returning: lent)
        if watches { watch() }
    }

    /// Notes that a state is no more, and lets whoever waits make one.
    private func forget() {
        let next = state.withLock { state in
            let next = state.waiting.popFirst()
            if next == nil { state.count -= 1 }
            return next
        }
        next?.resume(returning: nil)
    }

    /// Lets states go that nobody uses, as long as there are any.
    private func watch() {
        Task { [weak self, clock] in
            repeat { try? await clock.sleep(for: Self.idleTime) } while self?.evict() == true
        }
    }

    /// - Returns: whether idle states are left.
    private func evict() -> Bool {
        let gone = state.withLock { state in
            let deadline = clock.now - Self.idleTime
            let gone = state.idle.prefix { $0.since <= deadline }.map(\.state)
            state.idle.removeFirst(gone.count)
            state.count -= gone.count
            state.isWatched = !state.idle.isEmpty
            return (states: gone, goesOn: state.isWatched)
        }
        return gone.goesOn
    }
}
