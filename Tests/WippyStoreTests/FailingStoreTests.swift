import Synchronization
import Testing
import WippyConformance
import WippyRuntime
import WippyValues

@testable import WippyStore

@Suite("A store whose storage fails", .timeLimit(.minutes(15)))
struct FailingStoreTests {
    private static func conformance(_ flaw: FailingStore.Flaw?) -> KeyValueStoreConformance {
        let failStorage = { @Sendable (store: FailingStore, fails: Bool) async throws in store.fail(fails) }
        return KeyValueStoreConformance(failStorage: failStorage) { environment, _ in
            (FailingStore(flaw: flaw, clock: environment.clock), nil)
        }
    }

    @Test("It keeps the contract, and no rule is left untested")
    func sound() async throws {
        #expect(try await Self.conformance(nil).check() == [])
    }

    @Test(
        "A store that fails in a wrong way is found out, by the rule that it breaks",
        arguments: FailingStore.Flaw.allCases)
    func flawed(_ flaw: FailingStore.Flaw) async {
        let broken = await #expect(throws: BrokenRule.self) {
            try await ChosenRules.containing(flaw.rawValue) { try await Self.conformance(flaw).check() }
        }
        #expect(broken?.rule.contains(flaw.rawValue) == true, "\(String(describing: broken))")
    }
}

/// A store that can be made to fail, and can have a flaw.
final class FailingStore: KeyValueStore {
    /// A flaw, with words of the rule that it breaks.
    enum Flaw: String, CaseIterable {
        case hidesRefusal = "a change is Unavailable"
        case keepsRefused = "and changes nothing"
        case saysInvalid = "is Unavailable or Internal"
        case losesValue = "a key has its value"
        case staysBroken = "every call works"
    }

    private let flaw: Flaw?
    private let inner: MemoryStore
    private let isFailing = Atomic(false)
    private let hasFailed = Atomic(false)

    init(flaw: Flaw?, clock: any RuntimeClock) {
        self.flaw = flaw
        inner = MemoryStore(maxKeys: 10_000, cleanupInterval: .seconds(60), clock: clock)
    }

    func fail(_ fails: Bool) {
        isFailing.store(fails, ordering: .sequentiallyConsistent)
        if fails { hasFailed.store(true, ordering: .sequentiallyConsistent) }
    }

    private var fails: Bool {
        flaw == .staysBroken
            ? hasFailed.load(ordering: .sequentiallyConsistent) : isFailing.load(ordering: .sequentiallyConsistent)
    }

    private func change<Result>(orIfHidden hidden: Result, _ body: () throws -> Result) throws -> Result {
        guard fails else { return try body() }
        if flaw == .hidesRefusal { return hidden }
        if flaw == .keepsRefused { _ = try body() }
        throw WippyError(flaw == .saysInvalid ? .invalid : .unavailable, "the storage fails", isRetryable: true)
    }

    func value(of key: String) -> Value? { fails && flaw == .losesValue ? nil : inner.value(of: key) }

    func set(_ value: Value, of key: String, for lifetime: Duration?) throws {
        try change(orIfHidden: ()) { try inner.set(value, of: key, for: lifetime) }
    }

    func remove(_ key: String) throws -> Bool { try change(orIfHidden: true) { inner.remove(key) } }
}
