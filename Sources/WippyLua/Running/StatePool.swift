import LuaEngine
import Synchronization
import WippyCollections
import WippyRuntime

/// The states of a function.
///
/// Each state is lent to one call at a time.
///
/// When a call finds no idle state, a new state is made, up to a limit. When the limit is reached, calls wait in order
/// of arrival, until they get a state or are cancelled. A call that would wait for ever fails instead; see
/// ``StateWaits``.
final class StatePool: Sendable {
    private struct Idle {
        let state: LoadedState
        let since: Duration
    }

    private struct Waiter {
        let call: ScriptCall
        let continuation: CheckedContinuation<LoadedState?, any Error>
    }

    private struct State {
        /// The idle states, the latest last.
        var idle: [Idle] = []
        /// The number of states, including those that are being made.
        var count = 0
        /// The calls that wait for a state, or for permission to make one.
        var waiting = WaitingLine<Waiter>()
        var nextTicket = 0
        var isWatched = false
    }

    /// The time after which an idle state is dropped.
    static let idleTime = Duration.seconds(30)

    private let source: StateSource
    private let size: LuaPoolSize
    private let waits: StateWaits
    private let clock: any RuntimeClock
    private let state = Mutex(State())

    init(_ source: StateSource, size: LuaPoolSize, waits: StateWaits) {
        (self.source, self.size, self.waits) = (source, size, waits)
        clock = source.context.environment.clock
    }

    /// The number of states.
    var count: Int { state.withLock { $0.count } }

    /// Runs `body` with a state that no other call uses at the same time.
    func lend<Result>(
        to call: ScriptCall, _ body: (LoadedState) async throws -> Result
    ) async throws -> Result {
        // Most calls find an idle state and need not wait.
        let idle = state.withLock { $0.idle.popLast()?.state }
        let lent = if let idle { idle } else { try await take(for: call) }
        defer { give(lent) }
        return try await body(lent)
    }

    /// The result of asking for a state.
    private enum Place {
        case state(LoadedState)
        /// The call may make a new state.
        case new
        /// The call must wait with this ticket.
        case line(Int)
    }

    private func take(for call: ScriptCall) async throws -> LoadedState {
        let place: Place = state.withLock { state in
            if let idle = state.idle.popLast() { return .state(idle.state) }
            if state.count < size.maxStates {
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
            guard let lent = try await wait(for: call, with: ticket) else { return try await make() }
            return lent
        }
    }

    /// Makes a state, for which room has been reserved.
    private func make() async throws -> LoadedState {
        do {
            return try await source.make()
        } catch {
            forget()
            throw error
        }
    }

    /// Waits for a state.
    ///
    /// Returns nil if the call may make a new one.
    private func wait(for call: ScriptCall, with ticket: Int) async throws -> LoadedState? {
        try await waitInLine { continuation in
            let early: Result<LoadedState?, any Error>? = state.withLock { state in
                if Task.isCancelled { return .failure(CancellationError()) }
                if let idle = state.idle.popLast() { return .success(idle.state) }
                if state.count < size.maxStates {
                    state.count += 1
                    return .success(nil)
                }
                guard waits.add(call, maxStates: size.maxStates) else { return .failure(endlessWait) }
                state.waiting.append(Waiter(call: call, continuation: continuation), ticket: ticket)
                return nil
            }
            if let early { continuation.resume(with: early) }
            return early == nil
        } leaving: {
            self.state.withLock { self.taken($0.waiting.remove(ticket)) }?.resume(throwing: CancellationError())
        }
    }

    private var endlessWait: WippyError {
        WippyError(
            .unavailable,
            "all states of '\(source.context.id)' (\(size.maxStates)) are in use by scripts that wait for this call; "
                + "enlarge its '\(LuaPoolSize.block)'",
            isRetryable: false)
    }

    /// Takes a state back.
    ///
    /// Long work on the state runs on the engine's threads.
    private func give(_ lent: LoadedState) {
        guard !lent.isUsable || lent.isSwollen else {
            lent.tidyUp()
            return offer(lent)
        }
        Task(executorPreference: LuaThreads.pool) {
            guard lent.isUsable else { return self.forget() }
            lent.shrink()
            self.offer(lent)
        }
    }

    /// Gives a state to a waiting call, or keeps it as idle.
    private func offer(_ lent: LoadedState) {
        let (next, watches) = state.withLock { state in
            if let next = taken(state.waiting.popFirst()) { return (Optional(next), false) }
            state.idle.append(Idle(state: lent, since: clock.now))
            let watches = size.isEvicted && !state.isWatched
            if watches { state.isWatched = true }
            return (nil, watches)
        }
        next?.resume(returning: lent)
        if watches { watch() }
    }

    /// Records that a state is gone, and lets a waiting call make a new one.
    private func forget() {
        let next = state.withLock { state in
            let next = taken(state.waiting.popFirst())
            if next == nil { state.count -= 1 }
            return next
        }
        next?.resume(returning: nil)
    }

    /// Records that a call has left the line.
    private func taken(_ waiter: Waiter?) -> CheckedContinuation<LoadedState?, any Error>? {
        if let waiter { waits.remove(waiter.call) }
        return waiter?.continuation
    }

    /// Drops states that have been idle for too long, until no idle state is left.
    private func watch() {
        Task { [weak self, clock] in
            repeat { try? await clock.sleep(for: Self.idleTime) } while self?.evict() == true
        }
    }

    /// - Returns: true if idle states are left.
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
