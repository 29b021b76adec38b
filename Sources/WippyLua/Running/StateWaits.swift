import Synchronization

/// The calls of an application's scripts that wait for a state, while the calls that made them keep states.
///
/// A function that calls itself, directly or through others, keeps a state and waits for another one of the same pool.
/// If such calls keep all states of the pools for which they wait, none of them can go on. So the last of these calls
/// does not begin to wait.
final class StateWaits: Sendable {
    private let waits = Mutex(WaitGraph<ObjectIdentifier>())

    /// Adds a call that must wait for a state of its function's pool.
    ///
    /// A call that no script has made need not be added, because nothing waits for it in a state.
    ///
    /// - Returns: false if the wait would never end. Then the call is not added.
    func add(_ call: ScriptCall, maxStates: Int) -> Bool {
        let keepers = call.callers.map {
            WaitGraph.Keeper(call: ObjectIdentifier($0), pool: ObjectIdentifier($0.context))
        }
        guard !keepers.isEmpty else { return true }
        let wait = WaitGraph.Wait(pool: ObjectIdentifier(call.context), maxStates: maxStates, keepers: keepers)
        return waits.withLock { $0.add(wait, of: ObjectIdentifier(call)) }
    }

    /// Removes a call, which has got a state or waits no more.
    func remove(_ call: ScriptCall) { waits.withLock { $0.remove(ObjectIdentifier(call)) } }
}

/// Waits for states of pools, and the calls that keep states until these waits end.
struct WaitGraph<ID: Hashable & Sendable>: Sendable {
    /// A call that keeps a state of a pool.
    struct Keeper: Sendable {
        let call: ID
        let pool: ID
    }

    /// A wait for a state of a pool.
    struct Wait: Sendable {
        let pool: ID
        /// The number of the pool's states, all of which are in use.
        let maxStates: Int
        /// The calls that keep their states until the wait has ended.
        let keepers: [Keeper]
    }

    private var waits: [ID: Wait] = [:]
    private var kept = KeptStates<ID>()

    /// Adds the wait of a call.
    ///
    /// - Returns: false if the wait would never end. Then it is not added.
    mutating func add(_ wait: Wait, of call: ID) -> Bool {
        waits[call] = wait
        kept.add(wait.keepers)
        guard !canEnd(wait) else { return true }
        remove(call)
        return false
    }

    /// Removes the wait of a call, if there is one.
    mutating func remove(_ call: ID) {
        guard let wait = waits.removeValue(forKey: call) else { return }
        kept.remove(wait.keepers)
    }

    /// Returns true if the pool of a wait will give it a state.
    ///
    /// A pool gives a state to its waits if no waiting call's caller keeps this state. When these waits end, their
    /// keepers go on. So further pools may give states, too.
    private func canEnd(_ wait: Wait) -> Bool {
        if kept.count(of: wait.pool) < wait.maxStates { return true }
        let waitsOfPools = Dictionary(grouping: waits.values, by: \.pool)
        var kept = kept
        var giving: Set<ID> = []
        var next: [ID] = []
        func note(_ pool: ID) {
            guard let maxStates = waitsOfPools[pool]?.first?.maxStates, kept.count(of: pool) < maxStates else { return }
            if giving.insert(pool).inserted { next.append(pool) }
        }
        waitsOfPools.keys.forEach(note)
        while let pool = next.popLast(), pool != wait.pool {
            for ended in waitsOfPools[pool, default: []] {
                kept.remove(ended.keepers)
                for keeper in ended.keepers { note(keeper.pool) }
            }
        }
        return giving.contains(wait.pool)
    }
}

/// The states that the callers of waiting calls keep.
///
/// A caller with several waits keeps one state for all of them.
private struct KeptStates<ID: Hashable & Sendable>: Sendable {
    private var waits: [ID: [ID: Int]] = [:]

    /// The number of states of a pool that are kept.
    func count(of pool: ID) -> Int { waits[pool]?.count ?? 0 }

    mutating func add(_ keepers: [WaitGraph<ID>.Keeper]) {
        for keeper in keepers { waits[keeper.pool, default: [:]][keeper.call, default: 0] += 1 }
    }

    mutating func remove(_ keepers: [WaitGraph<ID>.Keeper]) {
        for keeper in keepers {
            waits[keeper.pool]?[keeper.call]? -= 1
            if waits[keeper.pool]?[keeper.call] == 0 { waits[keeper.pool]?[keeper.call] = nil }
            if waits[keeper.pool]?.isEmpty == true { waits[keeper.pool] = nil }
        }
    }
}
