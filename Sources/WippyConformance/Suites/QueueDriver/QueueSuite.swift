import WippyMessaging
import WippyRuntime
import WippySQL
import WippyTestTools

/// What the suites about queues have in common: how they make a driver, and how long they wait for it.
struct QueueSuite: Sendable {
    /// What a suite is given to make a driver: the driver, the service of its storage, and the driver's own service.
    typealias Make<Driver> =
        @Sendable (_ environment: RuntimeEnvironment, _ folder: String) async throws -> (
            driver: Driver, storage: (any ManagedService)?, service: any ManagedService
        )

    /// True if a queue can be full.
    let isBounded: Bool
    /// True if the driver's storage can be made to fail.
    let canFail: Bool
    private let clock: (any RuntimeClock)?
    private let limit: Duration
    private let make: QueueBench.Make

    init<Driver: QueueDriver>(
        optionsOfOne: Driver.Options?, clock: (any RuntimeClock)?, limit: Duration,
        failStorage: (@Sendable (_ driver: Driver, _ fails: Bool) async throws -> Void)?,
        database: (@Sendable (Driver) -> any QueueDatabase)? = nil, _ make: @escaping Make<Driver>
    ) {
        isBounded = optionsOfOne != nil
        canFail = failStorage != nil
        self.clock = clock
        self.limit = limit
        self.make = { environment, folder in
            let made = try await make(environment, folder)
            return QueueBench.Driver(
                made.driver, service: made.service, storage: made.storage, optionsOfOne: optionsOfOne,
                failStorage: failStorage, database: database?(made.driver))
        }
    }

    /// Creates the suite for drivers whose queues have no options.
    init(limit: Duration, canFail: Bool, _ make: @escaping QueueBench.Make) {
        (isBounded, self.canFail, clock) = (false, canFail, nil)
        self.limit = limit
        self.make = make
    }

    /// Tests the rules, each with a driver and a folder of its own.
    ///
    /// - Returns: the words of the rules that were not tested.
    func check(_ rules: [Rule<QueueBench>], of contract: String) async throws -> [String] {
        try await Rule.check(rules, of: contract, limit: limit) { try await bench() }
    }

    /// A queue of a driver that is not used otherwise.
    ///
    /// It shows which rules are about the driver's queues.
    func anyQueue() async throws -> any MessageQueue { try await bench().queue().queue }

    private func bench() async throws -> QueueBench {
        try await QueueBench(
            in: TemporaryFolder(), clock: clock ?? TestClock(), patience: Patience(limit: limit), make)
    }
}
