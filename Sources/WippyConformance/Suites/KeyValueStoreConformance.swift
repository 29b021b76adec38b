import WippyLog
public import WippyRuntime
public import WippyStore
import WippyTestTools
import WippyValues

/// Tests a store against the rules of `KeyValueStore`.
///
/// ```swift
/// try await KeyValueStoreConformance { environment, folder in
///     let store = MyStore(folder: folder, clock: environment.clock)
///     return (store, store)
/// }.check()
/// ```
public struct KeyValueStoreConformance: Sendable {
    private let clock: (any RuntimeClock)?
    private let limit: Duration
    private let canFail: Bool
    private let make: @Sendable (RuntimeEnvironment, String) async throws -> Made

    /// A store, its service, and what makes its storage fail, or work again.
    private typealias Made = (
        store: any KeyValueStore, service: (any ManagedService)?, failStorage: @Sendable (Bool) async throws -> Void
    )

    /// Creates a test of a store.
    ///
    /// - Parameters:
    ///   - clock: the store's clock. Default: a `TestClock`, which moves only when a rule lets time pass.
    ///   - limit: the longest time that the test waits for one event, in real time. Default: 60 s.
    ///   - failStorage: makes the store's storage fail if `fails` is true, and lets the storage work again if `fails`
    ///     is false. A failing storage keeps no change. If this closure is nil, no rule about a failing storage is
    ///     tested. Default: nil.
    ///   - make: makes an empty store, and the service that runs the store if it needs one. It is called once for each
    ///     rule. The folder is new for each rule. A store can keep files there.
    public init<Store: KeyValueStore>(
        clock: (any RuntimeClock)? = nil, limit: Duration = .seconds(60),
        failStorage: (@Sendable (_ store: Store, _ fails: Bool) async throws -> Void)? = nil,
        _ make:
            @escaping @Sendable (_ environment: RuntimeEnvironment, _ folder: String) async throws -> (
                store: Store, service: (any ManagedService)?
            )
    ) {
        self.clock = clock
        self.limit = limit
        canFail = failStorage != nil
        self.make = { environment, folder in
            let made = try await make(environment, folder)
            return (made.store, made.service, { try await failStorage?(made.store, $0) })
        }
    }

    /// Tests every rule that the arguments of the initializer allow.
    ///
    /// - Returns: the rules that were not tested, because `failStorage` is nil.
    /// - Throws: `BrokenRule` for the first broken rule, or `CancellationError` in its place if the task is
    ///   cancelled.
    @discardableResult
    public func check() async throws -> [String] {
        let rules = (Self.rules + Self.rulesOfFailures.map { $0.tested(if: canFail) }).map { rule in
            Rule<StoreBench>(rule.words) { bench in
                guard let service = bench.service else { return try await rule.check(bench) }
                try await service.running(with: bench.patience) { try await rule.check(bench) }
            }.tested(if: rule.canBeTested)
        }
        return try await Rule.check(rules, of: "store", limit: limit) {
            let clock = clock ?? TestClock()
            let folder = try TemporaryFolder()
            let environment = RuntimeEnvironment(
                executors: SharedPoolExecutors(), clock: clock, log: .silent, metrics: Metrics())
            let made = try await make(environment, folder.path)
            return StoreBench(
                store: made.store, service: made.service, failStorage: made.failStorage, folder: folder, clock: clock,
                patience: Patience(limit: limit))
        }
    }

    private static let rules: [Rule<StoreBench>] = [
        Rule("A stored value comes back unchanged, and a key without a value gives nil", values),
        Rule("A new value replaces the old value and its lifetime", replaces),
        Rule("Removing says whether there was a value", removes),
        Rule("A value is gone when its lifetime is over", ends),
        Rule("Keys are compared by their bytes", keys),
        Rule("The values of many tasks are all kept", manyTasks),
    ]

    private static let rulesOfFailures: [Rule<StoreBench>] = [
        Rule("While the storage fails, a change is Unavailable or Internal, and changes nothing", refusedChanges),
        Rule("While the storage fails, a key has its value, or reading throws", readsInFailure),
        Rule("After a failure of the storage, every call works", goesOn),
    ]

    private static func values(_ test: StoreBench) async throws {
        let values: [Value] = [
            "x'é\"\0", "", 7, .integer(.max), 2.5, true, ["list": [1, nil, [:]]], [],
        ]
        for (number, value) in values.enumerated() { try await test.store.set(value, of: "\(number)", for: nil) }
        for (number, value) in values.enumerated() {
            try require("the value of '\(number)'", try await test.store.value(of: "\(number)"), is: value)
        }
        try require("the value of a key that has none", try await test.store.value(of: "none"), is: nil)
    }

    private static func replaces(_ test: StoreBench) async throws {
        try await test.store.set(1, of: "key", for: StoreBench.lifetime)
        try await test.store.set(2, of: "key", for: nil)
        try await test.store.set(3, of: "other", for: StoreBench.lifetime)
        try await test.isOver("other")
        try require("the further value", try await test.store.value(of: "key"), is: 2)
    }

    private static func removes(_ test: StoreBench) async throws {
        try await test.store.set(1, of: "key", for: nil)
        try require("what removing a key says", try await test.store.remove("key"), is: true)
        try require("its value after that", try await test.store.value(of: "key"), is: nil)
        try require("what removing it again says", try await test.store.remove("key"), is: false)
    }

    private static func ends(_ test: StoreBench) async throws {
        try await test.store.set(1, of: "short", for: StoreBench.lifetime)
        try await test.store.set(2, of: "long", for: .seconds(86_400))
        try await test.isOver("short")
        try require("what removing it says", try await test.store.remove("short"), is: false)
        try require("a value whose time is not over", try await test.store.value(of: "long"), is: 2)
    }

    private static func keys(_ test: StoreBench) async throws {
        let keys = ["é", "e\u{301}", "K", "\u{212A}", "", "a b", "../key", "a\0"]
        for (number, key) in keys.enumerated() { try await test.store.set(.integer(number), of: key, for: nil) }
        for (number, key) in keys.enumerated() {
            try require("the value of '\(key)'", try await test.store.value(of: key), is: .integer(number))
        }
    }

    private static func manyTasks(_ test: StoreBench) async throws {
        try await withThrowingTaskGroup { group in
            for number in 0..<200 {
                group.addTask { try await test.store.set(.integer(number), of: "\(number)", for: nil) }
            }
            try await group.waitForAll()
        }
        for number in 0..<200 {
            let value = try await test.store.value(of: "\(number)")
            try require("the value of '\(number)'", value, is: .integer(number))
        }
    }
}

// A storage that fails, and works again.
extension KeyValueStoreConformance {
    private static func refusedChanges(_ test: StoreBench) async throws {
        try await test.store.set(1, of: "key", for: nil)
        try await test.whileStorageFails {
            try await requireFailure(of: "setting a value while the storage fails") {
                try await test.store.set(2, of: "key", for: nil)
            }
            try await requireFailure(of: "setting a new key while the storage fails") {
                try await test.store.set(3, of: "other", for: nil)
            }
            try await requireFailure(of: "removing a key while the storage fails") {
                _ = try await test.store.remove("key")
            }
        }
        try require("the value after the failure", try await test.store.value(of: "key"), is: 1)
        try require("the value of a key that was not set", try await test.store.value(of: "other"), is: nil)
    }

    private static func readsInFailure(_ test: StoreBench) async throws {
        try await test.store.set(1, of: "key", for: nil)
        try await test.whileStorageFails {
            let value: Value?
            do {
                value = try await test.store.value(of: "key")
            } catch {
                try await requireFailure(of: "reading a value while the storage fails") { throw error }
                return
            }
            try require("the value while the storage fails", value, is: 1)
        }
    }

    private static func goesOn(_ test: StoreBench) async throws {
        try await test.whileStorageFails {
            await withTaskGroup { group in
                for number in 0..<20 {
                    group.addTask { try? await test.store.set(.integer(number), of: "\(number)", for: nil) }
                    group.addTask { _ = try? await test.store.value(of: "\(number)") }
                }
            }
        }
        try await manyTasks(test)
        for number in 0..<200 { try require("what removing says", try await test.store.remove("\(number)"), is: true) }
    }
}

/// A store under test.
private struct StoreBench: Sendable {
    /// The lifetime of a value whose end a rule waits for.
    static let lifetime = Duration.milliseconds(200)

    let store: any KeyValueStore
    let service: (any ManagedService)?
    let failStorage: @Sendable (Bool) async throws -> Void
    /// Kept until the rule has been tested.
    let folder: TemporaryFolder
    let clock: any RuntimeClock
    let patience: Patience

    func whileStorageFails(_ body: () async throws -> Void) async throws {
        try await FailureCauses.during(failStorage, body)
    }

    /// Lets time pass until a value is gone.
    func isOver(_ key: String) async throws {
        try await patience.eventually("the time of '\(key)' is over") {
            (clock as? TestClock)?.advance(by: Self.lifetime)
            return try await store.value(of: key) == nil
        }
    }
}
