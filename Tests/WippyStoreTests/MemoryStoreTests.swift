import Testing
import WippyConformance
import WippyRuntime
import WippyValues

@testable import WippyStore

@Suite("A store in memory")
struct MemoryStoreTests {
    private let clock = TestClock()

    @Test("A new key is refused at the limit, until another one has expired")
    func limit() throws {
        let store = MemoryStore(maxKeys: 2, cleanupInterval: .seconds(60), clock: clock)
        try store.set(1, of: "a", for: .seconds(1))
        try store.set(2, of: "b", for: nil)
        let error = #expect(throws: WippyError.self) { try store.set(3, of: "c", for: nil) }
        #expect(error?.kind == .unavailable && error?.isRetryable == true)
        // A known key needs no room.
        try store.set(4, of: "b", for: nil)
        clock.advance(by: .seconds(1))
        try store.set(3, of: "c", for: nil)
        #expect(store.value(of: "a") == nil && store.value(of: "b") == 4 && store.value(of: "c") == 3)
    }

    @Test("A full store refuses a new key without a look at all the others")
    func fullAndLarge() throws {
        let store = MemoryStore(maxKeys: 20_000, cleanupInterval: .seconds(60), clock: clock)
        for key in 0..<20_000 { try store.set(1, of: "\(key)", for: .seconds(60)) }
        let time = processorTime {
            let refused = (0..<10_000).filter { (try? store.set(1, of: "new \($0)", for: nil)) == nil }
            #expect(refused.count == 10_000)
        }
        #expect(time < .seconds(3))
    }

    @Test("A smaller limit keeps the values that are there, and refuses new keys")
    func smallerLimit() throws {
        let store = MemoryStore(maxKeys: 2, cleanupInterval: .seconds(60), clock: clock)
        for key in ["a", "b"] { try store.set(1, of: key, for: nil) }
        store.change(maxKeys: 1, cleanupInterval: .seconds(60))
        #expect(store.value(of: "a") == 1 && store.value(of: "b") == 1)
        #expect(store.remove("a"))
        #expect(throws: WippyError.self) { try store.set(1, of: "a", for: nil) }
        #expect(store.remove("b"))
        try store.set(1, of: "a", for: nil)
    }

    @Test("An expired value cannot be read or removed")
    func expired() throws {
        let store = MemoryStore(maxKeys: 2, cleanupInterval: .seconds(60), clock: clock)
        try store.set(1, of: "a", for: .seconds(1))
        clock.advance(by: .seconds(1))
        #expect(store.value(of: "a") == nil)
        #expect(!store.remove("a"))
    }
}
