import Synchronization
import WippyRuntime
import WippyText
import WippyValues

/// Values in memory, by their keys.
final class MemoryStore: KeyValueStore {
    private struct State {
        var maxKeys: Int
        var cleanupInterval: Duration
        var nextCleanup: Duration
        var values = ExpiringValues()

        mutating func cleanUp(at now: Duration) {
            values.removeExpired(at: now)
            nextCleanup = now + cleanupInterval
        }
    }

    private let clock: any RuntimeClock
    private let state: Mutex<State>

    init(maxKeys: Int, cleanupInterval: Duration, clock: any RuntimeClock) {
        self.clock = clock
        state = Mutex(
            State(maxKeys: maxKeys, cleanupInterval: cleanupInterval, nextCleanup: clock.now + cleanupInterval))
    }

    func change(maxKeys: Int, cleanupInterval: Duration) {
        let now = clock.now
        state.withLock { state in
            state.maxKeys = maxKeys
            state.cleanupInterval = cleanupInterval
            state.nextCleanup = min(state.nextCleanup, now + cleanupInterval)
        }
    }

    func value(of key: String) -> Value? {
        let now = clock.now
        return state.withLock { $0.values.value(of: ExactText(key), at: now) }
    }

    func set(_ value: Value, of key: String, for lifetime: Duration?) throws {
        let now = clock.now
        try state.withLock { state in
            let key = ExactText(key)
            if now >= state.nextCleanup { state.cleanUp(at: now) }
            let isNew = !state.values.contains(key)
            if isNew, state.values.count >= state.maxKeys { state.cleanUp(at: now) }
            guard !isNew || state.values.count < state.maxKeys else {
                throw WippyError(
                    .unavailable,
                    "the store has \(state.maxKeys) keys, which is its limit "
                        + "('\(StoreMemoryKind.Config.maxSizeField)')", isRetryable: true)
            }
            state.values.set(value, of: key, until: lifetime.map { now + $0 })
        }
    }

    func remove(_ key: String) -> Bool {
        let now = clock.now
        return state.withLock { $0.values.remove(ExactText(key), at: now) }
    }
}
