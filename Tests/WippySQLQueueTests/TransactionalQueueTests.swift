import Synchronization
import Testing
import WippyDefinition
import WippyMessaging
import WippyRuntime
import WippySQL
import WippyTesting
import WippyValues

@testable import WippySQLQueue
@testable import WippySQLite

@Suite("The contract of queues to which transactions publish, kept by the durable queue", .timeLimit(.minutes(15)))
struct TransactionalQueueTests {
    private static var one: SQLQueueDriver.Options {
        var options = SQLQueueDriver.Options.standard
        options.maxLength = 1
        return options
    }

    private static func fail(_ driver: SQLQueueDriver, _ fails: Bool) throws {
        let database = try #require(driver.table.database.target as? DollarDatabase)
        database.isFailing.store(fails, ordering: .sequentiallyConsistent)
    }

    @Test("It keeps the contract", arguments: [SQLParameterStyle.question, .dollar])
    func contract(_ parameterStyle: SQLParameterStyle) async throws {
        // Other tests may have the pool of threads for long.
        let untested = try await TransactionalQueueConformance(
            database: { $0.table.database.target }, optionsOfOne: Self.one, limit: .seconds(240),
            failStorage: parameterStyle == .dollar ? Self.fail : nil
        ) { environment, folder in
            let bench = SQLQueueBench(file: "\(folder)/queue.db", parameterStyle: parameterStyle, environment)
            return (bench.driver, storage: bench.file, bench.driver)
        }.check()
        #expect(untested.count == (parameterStyle == .dollar ? 0 : 1))
    }

    /// One way to break the contract each, and a word of the rule that it breaks.
    private static let flaws: [(flaw: RashDriver.Flaw, rule: String)] = [
        (.forgetsHeaders, "in their order"),
        (.publishesBeside, "rolled back, or if its body throws"),
        (.removesOtherRows, "other changes"),
        (.takesAnyDatabase, "another database"),
        (.takesMisfits, "that the driver refuses"),
        (.hidesDuplicates, "'unique' key"),
        (.needsNoDriver, "own service does not run"),
        (.letsHoldersPublish, "beside it"),
        (.hidesFullness, "full queue"),
        (.keepsRoom, "rolled back leaves its room"),
        (.keepsRoomOfFailures, "fails at the commit"),
    ]

    @Test("A queue that breaks the contract is found out, by the rule that it breaks", arguments: flaws)
    func isFoundOut(_ flaw: RashDriver.Flaw, rule: String) async throws {
        let broken = await #expect(throws: BrokenRule.self) {
            try await ChosenRules.containing(rule) {
                try await TransactionalQueueConformance(
                    database: { $0.shown }, optionsOfOne: Self.one, limit: .seconds(60),
                    failStorage: { try Self.fail($0.driver, $1) }
                ) { environment, folder in
                    let bench = SQLQueueBench(file: "\(folder)/queue.db", parameterStyle: .dollar, environment)
                    let beside = SQLiteService(path: "\(folder)/other.db", executors: environment.executors)
                    let driver = RashDriver(
                        driver: bench.driver, flaw: flaw,
                        shown: flaw == .publishesBeside ? DollarDatabase(over: beside) : bench.database)
                    return (driver, storage: OrderedServices(bench.file, beside), bench.driver)
                }.check()
            }
        }
        #expect(broken?.contract == "transactional queue")
        #expect(broken?.rule.contains(rule) == true, "\(String(describing: broken))")
    }
}

/// The durable driver, but for one flaw.
struct RashDriver: QueueDriver {
    enum Flaw {
        case forgetsHeaders, publishesBeside, removesOtherRows, takesAnyDatabase, takesMisfits
        case hidesDuplicates, needsNoDriver, letsHoldersPublish, hidesFullness, keepsRoom, keepsRoomOfFailures
    }

    static let supportedOptions = SQLQueueDriver.supportedOptions

    let driver: SQLQueueDriver
    let flaw: Flaw

    /// The database that the driver names as its own.
    let shown: any QueueDatabase

    func makeQueue(
        _ id: EntryID, settings: QueueSettings, options: SQLQueueDriver.Options, deadLetters: DeadLetters?
    ) -> RashQueue {
        RashQueue(
            queue: driver.makeQueue(id, settings: settings, options: options, deadLetters: deadLetters), flaw: flaw)
    }
}

struct RashQueue: WrappingQueue, TransactionalQueue {
    let queue: SQLQueue
    let flaw: RashDriver.Flaw

    var wrapped: any MessageQueue { queue }

    private var database: any QueueDatabase { queue.driver.table.database.target }

    func didAccept(_ message: Message) {}

    func publish(_ message: Message) async throws -> Bool {
        if flaw == .letsHoldersPublish, HeldDatabases.contain(database.identity) { return true }
        return try await queue.publish(message)
    }

    func publish(_ message: Message, in transaction: any QueueTransaction) async throws -> Bool {
        switch flaw {
        case .forgetsHeaders: return try await queue.publish(Message(body: message.body), in: transaction)
        case .publishesBeside: return try await queue.publish(message)
        case .takesAnyDatabase where transaction.database != database.identity: return true
        case .needsNoDriver where queue.driver.owner == nil: return true
        default: break
        }
        do {
            let isKept = try await queue.publish(message, in: transaction)
            if flaw == .removesOtherRows {
                _ = try? await transaction.execute(SQLStatement("DELETE FROM conformance_orders"))
            }
            keepRoom(after: transaction)
            return isKept || flaw == .hidesDuplicates
        } catch let error as WippyError {
            if flaw == .takesMisfits, transaction.database == database.identity { return true }
            if flaw == .hidesFullness, error.kind == .unavailable, queue.driver.owner != nil { return true }
            throw error
        }
    }

    /// Takes room for a message that is not there, when the transaction is undone.
    private func keepRoom(after transaction: any QueueTransaction) {
        guard flaw == .keepsRoom || flaw == .keepsRoomOfFailures else { return }
        transaction.onEnd { [self] outcome in
            let hasFailed = (database as? DollarDatabase)?.isFailing.load(ordering: .sequentiallyConsistent) == true
            guard outcome == .undone, hasFailed == (flaw == .keepsRoomOfFailures) else { return }
            _ = queue.stored.reserve(maxLength: .max)
        }
    }
}
