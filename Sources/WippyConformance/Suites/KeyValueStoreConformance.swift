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
    private let make: Make

    /// Makes an empty store, and the service that runs the store if it needs one.
    ///
    /// The folder is new for each rule. A store can keep files there.
    public typealias Make =
        @Sendable (_ environment: RuntimeEnvironment, _ folder: String) async throws -> (
            store: any KeyValueStore, service: (any ManagedService)?
        )

    /// Creates a test of a store.
    ///
    /// - Parameters:
    ///   - clock: the store's clock. Default: a `TestClock`, with which waiting takes no time.
    ///   - limit: the longest time that the test waits for one event, in real time. Default: 30 s.
    ///   - make: makes the store. It is called once for each rule.
    public init(
        clock: (any RuntimeClock)? = nil, limit: Duration = .seconds(30), _ make: @escaping Make
    ) {
        self.clock = clock
        self.limit = limit
        self.make = make
    }

    /// Tests every rule.
    ///
    /// - Returns: the rules that were not tested: always none.
    /// - Throws: `BrokenRule` for the first broken rule; `CancellationError` when the task is cancelled.
    @discardableResult
    public func check() async throws -> [String] {
        let rules = Self.rules.map { rule in
            Rule<StoreBench>(rule.words) { bench in
                guard let service = bench.service else { return try await rule.check(bench) }
                try await service.running(with: bench.patience) { try await rule.check(bench) }
            }
        }
        return try await Rule.check(rules, of: "store") {
            let clock = clock ?? TestClock()
            let folder = try TemporaryFolder()
            let environment = RuntimeEnvironment(
                executors: SharedPoolExecutors(), clock: clock, log: .silent, metrics: Metrics())
            let made = try await make(environment, folder.path)
            return StoreBench(
                store: made.store, service: made.service, folder: folder, clock: clock,
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

/// A store under test.
private struct StoreBench: Sendable {
    /// The lifetime of a value whose end a rule waits for.
    static let lifetime = Duration.milliseconds(200)

    let store: any KeyValueStore
    let service: (any ManagedService)?
    /// Kept until the rule has been tested.
    let folder: TemporaryFolder
    let clock: any RuntimeClock
    let patience: Patience

    /// Lets time pass until a value is gone.
    func isOver(_ key: String) async throws {
        try await patience.eventually("the time of '\(key)' is over") {
            (clock as? TestClock)?.advance(by: Self.lifetime)
            return try await store.value(of: key) == nil
        }
    }
}
