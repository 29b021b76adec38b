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

@Suite("The contracts of operators and of moving messages, kept by the durable queue", .timeLimit(.minutes(15)))
struct ChangedByOperatorsTests {
    /// How long the contracts' rules wait: other tests may have the pool of threads for long.
    private static let limit = Duration.seconds(240)

    private static var one: SQLQueueDriver.Options {
        var options = SQLQueueDriver.Options.standard
        options.maxLength = 1
        return options
    }

    private static func fail(_ driver: SQLQueueDriver, _ fails: Bool) throws {
        let database = try #require(driver.table.database.target as? DollarDatabase)
        database.isFailing.store(fails, ordering: .sequentiallyConsistent)
    }

    @Test("An operator can look, retry, purge and pause", arguments: [SQLParameterStyle.question, .dollar])
    func administered(_ parameterStyle: SQLParameterStyle) async throws {
        try await AdministeredQueueConformance(
            optionsOfOne: Self.one, limit: Self.limit, failStorage: parameterStyle == .dollar ? Self.fail : nil
        ) { environment, folder in
            let bench = SQLQueueBench(file: "\(folder)/queue.db", parameterStyle: parameterStyle, environment)
            return (bench.driver, storage: bench.file, bench.driver)
        }.check()
    }

    @Test("Messages are accepted work", arguments: [SQLParameterStyle.question, .dollar])
    func acceptedWork(_ parameterStyle: SQLParameterStyle) async throws {
        try await AcceptedWorkConformance(limit: Self.limit) { environment, folder in
            let bench = SQLQueueBench(file: "\(folder)/queue.db", parameterStyle: parameterStyle, environment)
            return (bench.queue("tasks"), bench.queue("other"), bench.service)
        }.check()
    }

    @Test("Messages can move", arguments: [SQLParameterStyle.question, .dollar])
    func movable(_ parameterStyle: SQLParameterStyle) async throws {
        try await MovableQueueConformance(
            optionsOfOne: Self.one, limit: Self.limit,
            failStorage: parameterStyle == .dollar ? Self.fail : nil
        ) { environment, folder in
            let bench = SQLQueueBench(file: "\(folder)/queue.db", parameterStyle: parameterStyle, environment)
            return (bench.driver, bench.service)
        }.check()
    }

    @Test("A delayed message whose owners have died stays one that is claimed alone, also after 'retry'")
    func retriedSuspect() async throws {
        let folder = try TemporaryFolder()
        let bench = SQLQueueBench(file: "\(folder.path)/queue.db")
        let queue = bench.queue()
        try await bench.running {
            for body in ["suspect", "good"] {
                try await queue.publish(Message(body: .string(body), headers: ["delay": "1h"]))
            }
            try await bench.database.execute(
                script: SQLStatement("UPDATE wippy_queue_messages SET deaths = 2 WHERE body LIKE '%suspect%'"))
            let keys = try await StoredQueues(of: bench.database).retry(of: queue.stored.key, atMost: 10)
            #expect(keys.count == 2)
            let rows = try await bench.database.rows("SELECT state FROM wippy_queue_messages ORDER BY deaths")
            #expect(rows.map { $0["state"]?.integer } == [1, 4])
        }
    }

    @Test("A dead letter that is claimed alone goes back like any other, and is claimed with others again")
    func retriedSuspectLetter() async throws {
        let folder = try TemporaryFolder()
        let bench = SQLQueueBench(file: "\(folder.path)/queue.db")
        var settings = QueueSettings.standard
        settings.deadLetterMaxAttempts = 1
        let dead = bench.queue("dead")
        let queue = bench.queue("tasks", settings, deadLetters: dead)
        try await bench.running {
            let subscription = queue.subscribe(prefetch: 1)
            for body in 1...2 {
                try await queue.publish(Message(body: .integer(body)))
                let delivery = try #require(try await subscription.next())
                try await subscription.settle(delivery, .rejected(reason: "no"))
            }
            await subscription.close()
            try await bench.database.execute(
                script: SQLStatement("UPDATE wippy_queue_messages SET state = 4, deaths = 2 WHERE body = '1'"))
            #expect(try await dead.count.ready == 2)
            #expect(try await dead.retry(atMost: 10) == 2)
            #expect(try await dead.count.total == 0)
            let rows = try await bench.database.rows("SELECT state, deaths FROM wippy_queue_messages")
            #expect(rows.map { $0["state"]?.integer } == [1, 1] && rows.map { $0["deaths"]?.integer } == [0, 0])
        }
    }

    /// One way to break the contract of operators each, and a word of the rule that it breaks.
    private static let flaws: [(flaw: CarelessDriver.Flaw, rule: String)] = [
        (.peeksBackwards, "would get next"),
        (.peekCountsAttempt, "counts no attempt"),
        (.peeksAtAll, "at most as many messages as asked for, and none"),
        (.retryKeepsAttempts, "attempts count from zero"),
        (.retryForgetsAttempts, "keeps its attempts"),
        (.retriesAll, "'retry' changes at most"),
        (.purgeLeavesDelayed, "'purge' removes every message"),
        (.pausesNothing, "A paused queue"),
        (.forgetsPause, "over a restart"),
        (.needsDriver, "own service does not run"),
        (.purgeKeepsRoom, "makes room"),
        (.hidesFailure, "a call throws an error"),
    ]

    @Test("A driver that breaks the contract of operators is found out, by the rule that it breaks", arguments: flaws)
    func isFoundOut(_ flaw: CarelessDriver.Flaw, rule: String) async throws {
        let broken = await #expect(throws: BrokenRule.self) {
            try await ChosenRules.containing(rule) {
                try await AdministeredQueueConformance(
                    optionsOfOne: Self.one, limit: .seconds(20), failStorage: { try Self.fail($0.driver, $1) }
                ) { environment, folder in
                    let bench = SQLQueueBench(file: "\(folder)/queue.db", parameterStyle: .dollar, environment)
                    return (CarelessDriver(driver: bench.driver, flaw: flaw), storage: bench.file, bench.driver)
                }.check()
            }
        }
        #expect(broken?.contract == "administered queue")
        #expect(broken?.rule.contains(rule) == true, "\(String(describing: broken))")
    }

    @Test(
        "A driver whose moved messages lose an option is found out",
        arguments: zip([MessageOption.priority, .timeToLive, .uniqueKey], ["'priority'", "'ttl'", "'unique'"]))
    func lostOption(_ option: MessageOption, rule: String) async throws {
        let broken = await #expect(throws: BrokenRule.self) {
            try await ChosenRules.containing(rule) {
                try await MovableQueueConformance(limit: .seconds(20)) { environment, folder in
                    let bench = SQLQueueBench(file: "\(folder)/queue.db", environment)
                    return (CarelessDriver(driver: bench.driver, flaw: .loses(option)), bench.service)
                }.check()
            }
        }
        #expect(broken?.rule.contains(rule) == true, "\(String(describing: broken))")
    }
}

/// The durable driver, but for one flaw.
struct CarelessDriver: QueueDriver {
    enum Flaw: Equatable {
        case peeksBackwards, peekCountsAttempt, peeksAtAll, retryKeepsAttempts, retryForgetsAttempts, retriesAll
        case purgeLeavesDelayed, pausesNothing, forgetsPause, needsDriver, purgeKeepsRoom, hidesFailure
        case loses(MessageOption)
    }

    static let supportedOptions = SQLQueueDriver.supportedOptions

    let driver: SQLQueueDriver
    let flaw: Flaw

    func makeQueue(
        _ id: EntryID, settings: QueueSettings, options: SQLQueueDriver.Options, deadLetters: DeadLetters?
    ) -> CarelessQueue {
        CarelessQueue(
            queue: driver.makeQueue(id, settings: settings, options: options, deadLetters: deadLetters), flaw: flaw)
    }
}

struct CarelessQueue: WrappingQueue, AdministeredQueue, MovableQueue {
    let queue: SQLQueue
    let flaw: CarelessDriver.Flaw

    var wrapped: any MessageQueue { queue }

    private var database: any QueueDatabase { queue.driver.table.database.target }

    func didAccept(_ message: Message) {}

    func peek(atMost most: Int) async throws -> [QueuedMessage] {
        try checkDriver()
        let kept = try await queue.peek(atMost: flaw == .peeksAtAll ? 100 : most)
        if flaw == .peekCountsAttempt, kept.count == 3 {
            let subscription = queue.subscribe(prefetch: 1)
            if let delivery = try await subscription.next() {
                try await subscription.settle(delivery, .rejected(reason: "seen"))
            }
        }
        return flaw == .peeksBackwards ? kept.reversed() : kept
    }

    func retry(atMost most: Int) async throws -> Int {
        try checkDriver()
        switch flaw {
        case .retryKeepsAttempts:
            let sql: SQL = """
                UPDATE wippy_queue_messages SET queue = origin, origin = NULL, attempt = 1
                WHERE queue = \(queue.stored.key) AND origin IS NOT NULL RETURNING queue
                """
            let rows = try await database.change(sql.statement(parameterStyle: database.parameterStyle), .full)
            let keys = rows.compactMap { $0[0]?.string }
            queue.driver.ringQueues(of: keys)
            return keys.count
        case .retryForgetsAttempts:
            try await database.execute("UPDATE wippy_queue_messages SET attempt = 0 WHERE due IS NOT NULL")
        default: break
        }
        return try await queue.retry(atMost: flaw == .retriesAll ? 100 : most)
    }

    func purge() async throws -> Int {
        try checkDriver()
        switch flaw {
        case .purgeLeavesDelayed:
            return try await database.execute(
                "DELETE FROM wippy_queue_messages WHERE queue = \(queue.stored.key) AND due IS NULL AND owner = 0"
            ).rowsAffected
        case .purgeKeepsRoom: return try await StoredQueues(of: database).purge(queue.stored.key)
        case .hidesFailure: return (try? await queue.purge()) ?? 0
        default: return try await queue.purge()
        }
    }

    func pause() async throws {
        try checkDriver()
        switch flaw {
        case .pausesNothing: break
        case .forgetsPause: queue.stored.pause(true)
        default: try await queue.pause()
        }
    }

    func resume() async throws {
        try checkDriver()
        try await queue.resume()
    }

    private func checkDriver() throws {
        guard flaw == .needsDriver, queue.driver.owner == nil else { return }
        throw WippyError(.unavailable, "the driver does not run", isRetryable: true)
    }

    func moveMessages(to other: any MovableQueue) async throws { try await queue.moveMessages(to: other) }

    func accept(_ messages: [QueuedMessage]) async throws {
        guard case .loses(let option) = flaw else { return try await queue.accept(messages) }
        try await queue.accept(
            messages.map { moved in
                var message = moved.message
                message.headers[option.header] = nil
                return QueuedMessage(message: message, delay: moved.delay, age: moved.age)
            })
    }
}
