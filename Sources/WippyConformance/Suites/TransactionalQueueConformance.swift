import WippyDefinition
public import WippyMessaging
public import WippyRuntime
public import WippySQL
import WippyTestTools
import WippyValues

/// Tests the queues of a driver against the rules of `TransactionalQueue`.
///
/// ```swift
/// try await TransactionalQueueConformance(database: { driver in driver.database }) { environment, folder in
///     let database = MyDatabase(file: "\(folder)/queue.db")
///     let driver = MyDriver(database, clock: environment.clock)
///     return (driver, storage: database, driver.service)
/// }.check()
/// ```
///
/// ``QueueDriverConformance`` tests the rules of every queue, and ``QueueDatabaseConformance`` those of the database.
public struct TransactionalQueueConformance: Sendable {
    private let suite: QueueSuite

    /// Creates a test of a driver's queues.
    ///
    /// - Parameters:
    ///   - database: returns the database in which a driver keeps its queues.
    ///   - optionsOfOne: the options of a queue that is full when it holds one message; nil if the driver's queues are
    ///     never full. Default: nil.
    ///   - clock: the driver's clock. Default: a `TestClock`, which moves only when a rule lets time pass. A driver
    ///     that polls needs `SystemClock()`.
    ///   - limit: the longest time that the test waits for one event, in real time. Default: 60 s.
    ///   - failStorage: makes every call of the driver's storage fail if `fails` is true, and lets the storage work
    ///     again if `fails` is false. If this closure is nil, no rule about a failing storage is tested. Default: nil.
    ///   - make: makes the driver, the service of its database, and the driver's own service. The closure may be called
    ///     several times for each rule. The folder is new for each rule, and its name is unique.
    public init<Driver: QueueDriver>(
        database: @escaping @Sendable (Driver) -> any QueueDatabase, optionsOfOne: Driver.Options? = nil,
        clock: (any RuntimeClock)? = nil, limit: Duration = .seconds(60),
        failStorage: (@Sendable (_ driver: Driver, _ fails: Bool) async throws -> Void)? = nil,
        _ make:
            @escaping @Sendable (_ environment: RuntimeEnvironment, _ folder: String) async throws -> (
                driver: Driver, storage: (any ManagedService)?, service: any ManagedService
            )
    ) where Driver.Queue: TransactionalQueue {
        suite = QueueSuite(
            optionsOfOne: optionsOfOne, clock: clock, limit: limit, failStorage: failStorage, database: database, make)
    }

    /// Tests every rule that the arguments of the initializer allow.
    ///
    /// - Returns: the rules that were not tested, because `optionsOfOne` or `failStorage` is nil.
    /// - Throws: `BrokenRule` for the first broken rule, or `CancellationError` in its place if the task is
    ///   cancelled.
    @discardableResult
    public func check() async throws -> [String] {
        let rules =
            Self.rules + Self.rulesOfBounded.map { $0.tested(if: suite.isBounded) }
            + Self.rulesOfFailures.map { $0.tested(if: suite.isBounded && suite.canFail) }
        return try await suite.check(rules, of: "transactional queue")
    }

    private static let rules: [Rule<QueueBench>] = [
        Rule("A worker that waits gets the messages of a transaction that commits, in their order", committed),
        Rule("A message is dropped if its transaction is rolled back, or if its body throws", undone),
        Rule("A message stays with the transaction's other changes, or goes with them", together),
        Rule("A transaction of another database is Invalid, and publishes nothing", foreign),
        Rule("A message that the driver refuses is Invalid, and the transaction goes on", refused),
        Rule("The 'unique' key that the driver supports counts from the commit, and a dropped message is told", unique),
        Rule("While the driver's own service does not run, publishing is Unavailable", withoutDriver),
        Rule("A task that holds a transaction cannot publish beside it", beside),
    ]

    private static let rulesOfBounded: [Rule<QueueBench>] = [
        Rule("A full queue is Unavailable for a transaction at once", full),
        Rule("A message of a transaction that is rolled back leaves its room", room),
    ]

    private static let rulesOfFailures: [Rule<QueueBench>] = [
        Rule("If the storage fails at the commit, the message is dropped, and leaves its room", failing)
    ]
}

// What becomes of a message.
extension TransactionalQueueConformance {
    /// The error of a transaction's body.
    private struct Refusal: Error {}

    static func committed(_ test: QueueBench) async throws {
        let queue = try test.queue()
        let messages = (0..<3).map { Message(body: .integer($0), headers: ["trace": .integer($0)]) }
        try await test.running {
            let subscription = try await queue.subscribe()
            let waiting = Task { try await subscription.take() }
            try await test.transaction { transaction in
                for message in messages {
                    let isKept = try await queue.publish(message, in: transaction)
                    try require("the result of 'publish(_:in:)'", isKept, is: true)
                }
            }
            for message in messages {
                let delivery = message.id == messages[0].id ? try await waiting.value : try await subscription.take()
                try require("the id", delivery.message.id, is: message.id)
                try require("the body", delivery.message.body, is: message.body)
                try require("the header", delivery.message.headers["trace"], is: message.headers["trace"])
                try require("the attempt", delivery.attempt, is: 1)
                try await subscription.settle(delivery, .acknowledged)
            }
            try require("the number of messages after the last one", try await queue.total(), is: 0)
        }
    }

    static func undone(_ test: QueueBench) async throws {
        let queue = try test.queue()
        try await test.running {
            let subscription = try await queue.subscribe()
            let waiting = Task { try await subscription.take() }
            try await test.undoneTransaction { try await queue.publish(Message(body: 0), in: $0) }
            try await require("the transaction", throws: Refusal.self) {
                try await test.transaction { transaction in
                    try await queue.publish(Message(body: 1), in: transaction)
                    throw Refusal()
                }
            }
            try require("the number of messages", try await queue.total(), is: 0)
            try await queue.publish(2..<3)
            try require("the message that a worker gets", try await waiting.value.message.body, is: 2)
        }
    }

    static func together(_ test: QueueBench) async throws {
        let queue = try test.queue()
        try await test.running {
            let database = try test.database
            try await database.execute(script: SQLStatement("CREATE TABLE conformance_orders (number INTEGER)"))
            func order(_ number: Int, in transaction: any QueueTransaction) async throws {
                try await transaction.execute(SQLStatement("INSERT INTO conformance_orders VALUES (\(number))"))
                try await queue.publish(Message(body: .integer(number)), in: transaction)
            }
            try await test.undoneTransaction { try await order(0, in: $0) }
            try await test.transaction { try await order(1, in: $0) }
            let rows = try await database.rows(SQLStatement("SELECT number FROM conformance_orders"), atMost: 10)
            try require("the rows", rows.map { $0[0]?.integer }, is: [1])
            try require("the message", try await queue.subscribe().settleNext(.acknowledged).message.body, is: 1)
            try require("the number of messages after it", try await queue.total(), is: 0)
        }
    }
}

// What is refused.
extension TransactionalQueueConformance {
    static func foreign(_ test: QueueBench) async throws {
        let (queue, other) = (try test.queue(), try await test.another())
        try await other.running {
            try await test.running {
                try await other.undoneTransaction { transaction in
                    try await requireError(.invalid, for: "a transaction of another database") {
                        try await queue.publish(Message(body: 0), in: transaction)
                    }
                }
                try require("the number of messages", try await queue.total(), is: 0)
            }
        }
    }

    static func refused(_ test: QueueBench) async throws {
        let queue = try test.queue()
        try await test.running {
            try await test.transaction { transaction in
                let misfit = Message(body: 0, headers: [MessageOption.delay.header: "soon"])
                try await requireError(.invalid, for: "a delay that is no time") {
                    try await queue.publish(misfit, in: transaction)
                }
                try await queue.publish(Message(body: 1), in: transaction)
            }
            try require("the message", try await queue.subscribe().settleNext(.acknowledged).message.body, is: 1)
            try require("the number of messages after it", try await queue.total(), is: 0)
        }
    }

    static func unique(_ test: QueueBench) async throws {
        guard test.supports(.uniqueKey) else { return }
        let queue = try test.queue()
        func publish(_ number: Int, in transaction: any QueueTransaction) async throws -> Bool {
            let message = Message(body: .integer(number), headers: [MessageOption.uniqueKey.header: "a"])
            return try await queue.publish(message, in: transaction)
        }
        try await test.running {
            try await test.undoneTransaction { try await publish(0, in: $0) }
            let isKept = try await test.transaction { try await publish(1, in: $0) }
            try require("the result for a key of a message that was dropped", isKept, is: true)
            let isKeptAgain = try await test.transaction { try await publish(2, in: $0) }
            try require("the result for a key of a message that is there", isKeptAgain, is: false)
            try require("the number of messages", try await queue.total(), is: 1)
        }
    }

    static func withoutDriver(_ test: QueueBench) async throws {
        let queue = try test.queue()
        try await test.runningStorage {
            try await test.undoneTransaction { transaction in
                try await requireError(.unavailable, for: "a driver that does not run") {
                    try await queue.publish(Message(body: 0), in: transaction)
                }
            }
        }
    }

    static func beside(_ test: QueueBench) async throws {
        let queue = try test.queue()
        try await test.running {
            try await test.transaction { transaction in
                try await requireError(.invalid, for: "a message beside the transaction") {
                    try await queue.publish(Message(body: 0))
                }
                try await queue.publish(Message(body: 1), in: transaction)
            }
            try require("the message", try await queue.subscribe().settleNext(.acknowledged).message.body, is: 1)
        }
    }

    /// Throws a finding if `body` does not throw an error of a kind.
    private static func requireError(
        _ kind: WippyError.Kind, for what: String, _ body: () async throws -> Bool
    ) async throws {
        let error = try await require(what, throws: WippyError.self) { _ = try await body() }
        try require("the kind of the error for \(what)", error.kind, is: kind)
    }
}

// Room.
extension TransactionalQueueConformance {
    static func full(_ test: QueueBench) async throws {
        let queue = try test.queue(isFullWithOne: true)
        try await test.running {
            try await queue.publish(0..<1)
            try await test.transaction { transaction in
                try await requireError(.unavailable, for: "a message for a full queue") {
                    try await queue.publish(Message(body: 1), in: transaction)
                }
            }
            try require("the number of messages", try await queue.total(), is: 1)
        }
    }

    static func room(_ test: QueueBench) async throws {
        let queue = try test.queue(publishTimeout: .zero, isFullWithOne: true)
        try await test.running {
            try await test.undoneTransaction { try await queue.publish(Message(body: 0), in: $0) }
            try await queue.publish(1..<2)
            try require("the number of messages", try await queue.total(), is: 1)
        }
    }

    static func failing(_ test: QueueBench) async throws {
        let queue = try test.queue(publishTimeout: .zero, isFullWithOne: true)
        try await test.running {
            let transaction = try await test.database.beginQueueTransaction()
            try await queue.publish(Message(body: 0), in: transaction)
            _ = try await test.whileStorageFails {
                try await require("the commit", throws: (any Error).self) {
                    try await transaction.commit()
                }
            }
            try require("the number of messages", try await queue.total(), is: 0)
            try await queue.publish(1..<2)
            try require("the number of messages", try await queue.total(), is: 1)
        }
    }
}

extension BenchQueue {
    @discardableResult
    fileprivate func publish(_ message: Message, in transaction: any QueueTransaction) async throws -> Bool {
        guard let queue = queue as? any TransactionalQueue else { throw Finding("the queue knows no transactions") }
        return try await patience.outcome(of: "'publish(_:in:)'") {
            try await queue.publish(message, in: transaction)
        }
    }
}

extension QueueBench {
    /// Runs `body` in a transaction of the driver's database, and commits it.
    fileprivate func transaction<Result>(
        _ body: (any QueueTransaction) async throws -> Result
    ) async throws -> Result {
        try await database.transaction { transaction in
            guard let transaction = transaction as? any QueueTransaction else {
                throw Finding("a transaction of the database must be a 'QueueTransaction'")
            }
            return try await body(transaction)
        }
    }

    /// Runs `body` in a transaction of the driver's database, and rolls it back.
    fileprivate func undoneTransaction(_ body: (any QueueTransaction) async throws -> some Sendable) async throws {
        let transaction = try await database.beginQueueTransaction()
        do {
            _ = try await body(transaction)
        } catch {
            try? await transaction.rollback()
            throw error
        }
        try await transaction.rollback()
    }
}
