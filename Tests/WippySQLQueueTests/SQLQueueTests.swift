import SQLiteGroups
import Synchronization
import Testing
import WippyDefinition
import WippyLog
import WippyMessaging
import WippyRuntime
import WippySQL
import WippyTesting
import WippyValues

@testable import WippySQLQueue
@testable import WippySQLite

@Suite("The durable queue", .timeLimit(.minutes(15)))
struct SQLQueueTests {
    /// How long the contracts' rules wait: other tests may have the pool of threads for long.
    private static let limit = Duration.seconds(240)

    @Test("It keeps the contract of a queue driver")
    func contract() async throws {
        var one = SQLQueueDriver.Options.standard
        one.maxLength = 1
        try await QueueDriverConformance(optionsOfOne: one, limit: Self.limit) {
            environment, folder in
            let bench = SQLQueueBench(file: "\(folder)/queue.db", environment)
            return (bench.driver, bench.service)
        }.check()
    }

    @Test("It keeps the contract by the system's clock, too")
    func realTime() async throws {
        try await QueueDriverConformance(clock: SystemClock(), limit: Self.limit) {
            environment, folder in
            let bench = SQLQueueBench(file: "\(folder)/queue.db", environment)
            return (bench.driver, bench.service)
        }.check()
    }

    @Test(
        "A driver that says it supports an option, and ignores it, is found out",
        arguments: zip(
            [MessageOption.delay, .priority, .timeToLive, .uniqueKey, .uniquePeriod],
            ["'delay'", "'priority'", "'ttl'", "'unique'", "'unique'"]))
    func ignoredOption(_ option: MessageOption, rule: String) async throws {
        let broken = await #expect(throws: BrokenRule.self) {
            try await ChosenRules.containing(rule) {
                try await QueueDriverConformance(limit: Self.limit) { environment, folder in
                    let bench = SQLQueueBench(file: "\(folder)/queue.db", environment)
                    return (ForgetfulDriver(driver: bench.driver, forgotten: option), bench.service)
                }.check()
            }
        }
        #expect(broken?.rule.contains(rule) == true, "\(String(describing: broken))")
    }

    @Test("It keeps the contract over a database that fails now and then")
    func failingDatabase() async throws {
        try await QueueDriverConformance(
            limit: Self.limit,
            failStorage: { (driver: SQLQueueDriver, fails) in
                let database = try #require(driver.table.database.target as? DollarDatabase)
                database.isFailing.store(fails, ordering: .sequentiallyConsistent)
            }
        ) { environment, folder in
            let bench = SQLQueueBench(file: "\(folder)/queue.db", parameterStyle: .dollar, environment)
            return (bench.driver, bench.service)
        }.check()
    }

    @Test(
        "Of two processes that make or change the tables at the same time, the second leaves them as they are",
        arguments: [RacingDatabase.Race.creates, .changes])
    func racingTables(_ race: RacingDatabase.Race) async throws {
        let folder = try TemporaryFolder()
        let bench = SQLQueueBench(file: "\(folder.path)/queue.db")
        let queue = bench.queue()
        try await bench.running {
            try await queue.publish(Message(body: "kept"))
            let racing = RacingDatabase(over: bench.database, race)
            try await QueueSchema.migrate(racing)
            #expect(racing.scripts.withLock { $0.allSatisfy { $0.contains("wippy_queue_schema") } })
            #expect(try await queue.count.ready == 1)
        }
    }

    @Test("Tables of the first version get what schedules need, and keep what they hold")
    func olderTables() async throws {
        let folder = try TemporaryFolder()
        let old = SQLQueueBench(file: "\(folder.path)/queue.db")
        let kept = old.queue()
        try await old.running {
            try await kept.publish(Message(body: "kept"))
            try await old.database.execute("DROP TABLE wippy_queue_schedules")
            try await old.database.execute("UPDATE wippy_queue_schema SET version = 1")
        }
        let new = SQLQueueBench(file: "\(folder.path)/queue.db")
        let queue = new.queue()
        try await new.running {
            let id = EntryID(namespace: "app", name: "nightly")
            let mark = ScheduleMark(second: 60, definition: "every 60s")
            let move = try await queue.move(id, from: nil, to: mark, publishing: Message(body: "tick"))
            #expect(move == .published)
            #expect(try await queue.mark(of: id) == mark)
            #expect(try await queue.count.ready == 2)
        }
    }

    @Test("Of two drivers over one database in memory, none takes the other for dead")
    func twoDriversInMemory() async throws {
        let bench = SQLQueueBench(file: ":memory:")
        let queue = bench.queue()
        let other = SQLQueueDriver(
            database: Link(bench.database), durability: .full,
            environment: RuntimeEnvironment(
                executors: SharedPoolExecutors(), clock: SystemClock(), log: .silent, metrics: Metrics()),
            log: .silent)
        try await bench.running {
            try await queue.publish(Message(body: "handled"))
            let subscription = queue.subscribe(prefetch: 1)
            let delivery = try #require(try await subscription.next())
            let (stop, isReady) = (StopSignal(), OneShotEvent())
            let run = Task {
                defer { isReady.fire() }
                try await other.run(ready: { isReady.fire() }, stop: stop)
            }
            await isReady.wait()
            #expect(try await queue.count.claimed == 1)
            #expect(try await subscription.settle(delivery, .acknowledged))
            stop.fire()
            try await run.value
        }
    }

    @Test("A schedule waits for nobody at a full queue, and its mark stays")
    func fullForSchedule() async throws {
        let folder = try TemporaryFolder()
        let bench = SQLQueueBench(file: "\(folder.path)/queue.db")
        let queue = bench.queue(maxLength: 1)
        let id = EntryID(namespace: "app", name: "nightly")
        let mark = ScheduleMark(second: 60, definition: "every 60s")
        try await bench.running {
            try await queue.publish(Message(body: "first"))
            let error = await #expect(throws: WippyError.self) {
                try await queue.move(id, from: nil, to: mark, publishing: Message(body: "tick"))
            }
            #expect(error?.kind == .unavailable)
            #expect(try await queue.mark(of: id) == nil)
            #expect(try await queue.purge() == 1)
            let move = try await queue.move(id, from: nil, to: mark, publishing: Message(body: "tick"))
            #expect(move == .published)
        }
        // Without its driver a queue says so.
        await #expect(throws: WippyError.self) { try await queue.mark(of: id) }
    }

    @Test("A queue that is made while the driver runs is opened by its first use, with what its tables say")
    func madeLate() async throws {
        let folder = try TemporaryFolder()
        let clock = TestClock()
        let first = SQLQueueBench(file: "\(folder.path)/queue.db", clock: clock)
        try await first.running {
            try await eventually("it waits for its next look") { clock.deadlines == [.seconds(1)] }
            let (tasks, paused) = (first.queue("tasks"), first.queue("paused"))
            #expect(!tasks.stored.isOpen && !paused.stored.isOpen, "making a queue opens it")
            try await tasks.publish(Message(body: 1))
            try await paused.publish(Message(body: 2))
            try await paused.pause()
            #expect(tasks.stored.isOpen && paused.stored.isOpen)
        }
        let second = SQLQueueBench(file: "\(folder.path)/queue.db", clock: clock)
        try await second.running {
            try await eventually("it waits for its next look") { clock.deadlines == [.seconds(1)] }
            var settings = QueueSettings.standard
            settings.publishTimeout = .zero
            let tasks = second.queue("tasks", settings, maxLength: 1)
            let error = await #expect(throws: WippyError.self) { try await tasks.publish(Message(body: 3)) }
            #expect(error?.message.contains("full") == true, "its length is that of the tables")
            let paused = second.queue("paused")
            let subscription = paused.subscribe(prefetch: 1)
            try await eventually("a subscription opens it") { paused.stored.isOpen }
            #expect(paused.stored.isPaused)
            await subscription.close()
            let unused = second.queue("unused")
            try await eventually("the service opens it") {
                clock.advance(by: .seconds(1))
                return unused.stored.isOpen
            }
        }
        let late = second.queue("late")
        await #expect(throws: WippyError.self) { try await late.publish(Message(body: 4)) }
        #expect(!late.stored.isOpen)
    }

    @Test("A transaction publishes to a queue that was made after its begin, with what its tables say")
    func madeLateInTransaction() async throws {
        let clock = TestClock()
        let bench = SQLQueueBench(file: ":memory:", clock: clock)
        try await bench.running {
            try await eventually("it waits for its next look") { clock.deadlines == [.seconds(1)] }
            try await bench.queue("tasks").publish(Message(body: 1))
            try await bench.database.transaction { transaction in
                let transaction = try #require(transaction as? any QueueTransaction)
                let late = bench.queue("late")
                try await late.publish(Message(body: 2), in: transaction)
                #expect(late.stored.isOpen)
            }
            #expect(try await bench.queue("late").count.ready == 1)
        }
    }

    @Test("Whenever its durability changes, the driver lowers the database's as often as it has raised it")
    func durabilityRace() async throws {
        let folder = try TemporaryFolder()
        let bench = SQLQueueBench(file: "\(folder.path)/queue.db", parameterStyle: .dollar)
        let database = try #require(bench.database as? DollarDatabase)
        let changes = Task {
            while !Task.isCancelled {
                bench.driver.change(to: .random() ? .full : .asConfigured)
                try await Task.sleep(for: .microseconds(.random(in: 10...500)))
            }
        }
        for _ in 0..<20 {
            try await bench.running { #expect((0...1).contains(database.raises)) }
            #expect(database.raises == 0)
        }
        changes.cancel()
    }

    @Test("A claim that the database has stored, and then reports as failed, gives its messages back")
    func strayClaim() async throws {
        let folder = try TemporaryFolder()
        let bench = SQLQueueBench(
            file: "\(folder.path)/queue.db", parameterStyle: .dollar, flaw: .failsAfterAClaim)
        let queue = bench.queue()
        try await bench.running {
            try await queue.publish(Message(body: 1))
            let subscription = queue.subscribe(prefetch: 1)
            let delivery = try #require(try await subscription.next())
            #expect(delivery.message.body == 1 && delivery.attempt == 1)
            try await subscription.settle(delivery, .acknowledged)
            #expect(try await queue.count.total == 0)
            await subscription.close()
        }
    }

    @Test("Damaged numbers in a row are no trap", arguments: [Int.min, .max - 1])
    func damagedRows(_ number: Int) async throws {
        let folder = try TemporaryFolder()
        let bench = SQLQueueBench(file: "\(folder.path)/queue.db")
        let dead = bench.queue("dead")
        let queue = bench.queue(deadLetters: dead)
        try await bench.running {
            try await queue.publish(Message(body: 1))
            try await queue.publish(Message(body: 2, headers: ["delay": "1h"]))
            try await bench.database.execute(
                "UPDATE wippy_queue_messages SET published = \(number), attempt = \(number), expires = \(number)")
            try await bench.database.execute("UPDATE wippy_queue_messages SET due = \(number) WHERE state = 2")
            _ = try await queue.info
            _ = try await queue.peek(atMost: 10)
            let subscription = queue.subscribe(prefetch: 1)
            let next = Task { try await subscription.next() }
            try await eventually("the damaged message is a dead letter") { try await dead.count.total > 0 }
            _ = try await queue.info
            next.cancel()
            _ = await next.result
            await subscription.close()
        }
        // What is due at such a time is looked at by the next start, too.
        try await bench.running { _ = try await queue.info }
    }

    @Test("A database that returns no row where there is always one is an error, and no trap")
    func noRows() async throws {
        let folder = try TemporaryFolder()
        let bench = SQLQueueBench(file: "\(folder.path)/queue.db")
        let empty = DollarDatabase(over: bench.database, flaw: .returnsNoRows)
        let driver = SQLQueueDriver(
            database: Link(empty), durability: .full,
            environment: RuntimeEnvironment(
                executors: SharedPoolExecutors(), clock: SystemClock(), log: .silent, metrics: Metrics()),
            log: .silent)
        let queue = driver.makeQueue(
            EntryID(namespace: "app", name: "tasks"), settings: .standard, options: .standard, deadLetters: nil)
        try await bench.running {
            await #expect(throws: WippyError.self) { try await queue.count }
            await #expect(throws: (any Error).self) { try await driver.run(ready: {}, stop: StopSignal()) }
        }
    }

    @Test("Its service keeps the contract of a service")
    func service() async throws {
        let folder = try TemporaryFolder()
        try await ManagedServiceConformance(limit: Self.limit) {
            SQLQueueBench(file: "\(folder.path)/queue.db").service
        }.check()
    }

    @Test("A database in SQLite, and one with places and locks as PostgreSQL has them, keep the queues' contract")
    func databases() async throws {
        try await QueueDatabaseConformance(limit: Self.limit) { _, folder in
            let file = SQLiteService(path: "\(folder)/queue.db")
            return (file, file)
        }.check()
        // Only the queues' rules about a full queue are left.
        #expect(try await Self.dollarConformance().check().count == 8)
    }

    private static func dollarConformance(_ flaw: DollarDatabase.Flaw? = nil) -> QueueDatabaseConformance {
        var failures = DatabaseFailures<DollarDatabase>()
        failures.refuseChanges = { $0.isFailing.store($1, ordering: .sequentiallyConsistent) }
        failures.loseAnswers = { database, isOn in database.lostCommit.withLock { $0 = isOn ? .kept : nil } }
        failures.loseCommits = { database, isOn in database.lostCommit.withLock { $0 = isOn ? .undone : nil } }
        failures.loseOwnerLocks = { await $0.loseLocks() }
        return QueueDatabaseConformance(limit: Self.limit, failures: failures) { _, folder in
            let file = SQLiteService(path: "\(folder)/queue.db")
            return (DollarDatabase(over: file, flaw: flaw), file)
        }
    }

    @Test(
        "A database that breaks the queues' contract is found out",
        arguments: [
            (DollarDatabase.Flaw.locksNothing, "owner's lock"), (.givesNumbersTwice, "a number twice"),
            (.tellsRefusedAsKept, "is never told as kept"), (.tellsLostAsUndone, "gets no answer"),
            (.tellsLostAsKept, "gets no answer"), (.holdsLostLocks, "its lock is lost"),
        ])
    func flawedDatabase(_ flaw: DollarDatabase.Flaw, rule: String) async throws {
        let broken = await #expect(throws: BrokenRule.self) {
            try await ChosenRules.containing(rule) { try await Self.dollarConformance(flaw).check() }
        }
        #expect(broken?.rule.contains(rule) == true, "\(String(describing: broken))")
    }

    @Test("Every statement is written with the database's places, in order, and its locks of rows")
    func places() {
        let question = SQLiteService(path: "unopened.db")
        let dollar = DollarDatabase(over: question, rowLock: "FOR UPDATE SKIP LOCKED")
        let texts = (QueueTable.Texts(for: question).all, QueueTable.Texts(for: dollar).all)
        #expect(texts.0.count > 20)
        for (question, dollar) in zip(texts.0, texts.1) {
            let count = question.count { $0 == "?" }
            var expected = dollar.replacing(" FOR UPDATE SKIP LOCKED", with: "")
            for number in 1...max(count, 1) where count > 0 {
                let place = expected.firstRange(of: "$\(number)")
                #expect(place != nil, "\(dollar)")
                if let place { expected.replaceSubrange(place, with: "?") }
            }
            #expect(expected == question)
            // What is chosen is changed at once.
            let isChoice = dollar.hasPrefix("UPDATE") && dollar.contains("id IN")
            #expect(dollar.contains("FOR UPDATE SKIP LOCKED)") == isChoice, "\(dollar)")
        }
        let schema = QueueSchema.steps.map { try? $0(dollar).statement(parameterStyle: .dollar).text }
        #expect(schema.allSatisfy { $0?.contains("?") == false })
    }

    @Test("No statement passes over rows that it is not about")
    func plans() async throws {
        let folder = try TemporaryFolder()
        let bench = SQLQueueBench(file: "\(folder.path)/queue.db")
        try await bench.running {
            for text in QueueTable.Texts(for: bench.database).all {
                let plan = try await bench.database.rows(
                    SQLStatement("EXPLAIN QUERY PLAN \(text)", text.filter { $0 == "?" }.map { _ in .integer(1) }),
                    atMost: .max)
                for step in plan {
                    let detail = step["detail"]?.string ?? ""
                    // A scan of an index of one state reads what it is about.
                    let isWhole =
                        detail.hasPrefix("SCAN wippy_queue_messages") && !detail.contains("INDEX")
                    #expect(!isWhole, "\(text): \(detail)")
                    // The counts at the start have one for the names of the queues.
                    #expect(!detail.contains("TEMP B-TREE FOR ORDER"), "\(text): \(detail)")
                }
            }
            let claim = try await bench.database.rows(
                SQLStatement(
                    "EXPLAIN QUERY PLAN \(QueueTable.Texts(for: bench.database).claiming.ready)", [1, "q", 1]),
                atMost: .max)
            #expect(claim.contains { $0["detail"]?.string?.contains("INDEX wippy_queue_ready (queue=?)") == true })
        }
    }

    @Test(
        "Whatever meets at random at two connections of a file, every message is acknowledged once or a dead letter",
        arguments: 1...UInt64(8))
    func interleavings(_ seed: UInt64) async throws {
        let folder = try TemporaryFolder()
        let benches = [0, 1].map { _ in SQLQueueBench(file: "\(folder.path)/queue.db") }
        var settings = QueueSettings.standard
        settings.deadLetterMaxAttempts = 3
        settings.retry.maxDelay = .milliseconds(1)
        let all = benches.map { bench in
            let letters = bench.queue("letters")
            return (queue: bench.queue("tasks", settings, deadLetters: letters), letters: letters)
        }
        try await benches[0].running {
            try await benches[1].running {
                try await QueueInterleavings(seed: seed, maxAttempts: 3, limit: Self.limit)
                    .check(all.map(\.queue), deadLetters: all[0].letters)
            }
        }
    }

    @Test("Without a queue, the test of interleavings says that there is nothing to test")
    func nothingInterleaved() async throws {
        let folder = try TemporaryFolder()
        let letters = SQLQueueBench(file: "\(folder.path)/queue.db").queue("letters")
        let error = await #expect(throws: (any Error).self) {
            try await QueueInterleavings(seed: 1, maxAttempts: 1, limit: Self.limit).check([], deadLetters: letters)
        }
        #expect(error.map { "\($0)" } == "there is no queue to test")
    }

    @Test("A message that is claimed for a worker who then does not come goes back as it was")
    func left() async throws {
        let folder = try TemporaryFolder()
        let clock = TestClock()
        let bench = SQLQueueBench(file: "\(folder.path)/queue.db", clock: clock)
        try await bench.running {
            let queue = bench.queue()
            for body in [1, 2] as [Value] { try await queue.publish(Message(body: body)) }
            let subscription = queue.subscribe(prefetch: 1)
            let first = try #require(try await subscription.next())
            // The settling lasts until the worker's next message is asked for.
            let holdup = try await bench.database.begin()
            queue.stored.pause(true)
            let settling = Task { try await subscription.settle(first, .acknowledged) }
            try await eventually("the settling begins") { queue.stored.hasIdleWorkers }
            queue.stored.pause(false)
            try await eventually("the next one is asked for") { !queue.stored.hasIdleWorkers }
            try await holdup.rollback()
            _ = try await settling.value
            try await eventually("the next one is claimed") { try await queue.count.claimed == 1 }
            try await eventually("it goes back") {
                clock.advance(by: .seconds(1))
                return try await queue.count.ready == 1
            }
            let second = try #require(try await subscription.next())
            #expect(second.attempt == 1)
            #expect(second.message.body == 2)
        }
    }

    @Test("A dead owner's messages are free at the next start, with their attempt counted; a live one's never are")
    func owners() async throws {
        let folder = try TemporaryFolder()
        let first = SQLQueueBench(file: "\(folder.path)/queue.db")
        let second = SQLQueueBench(file: "\(folder.path)/queue.db")
        try await first.running {
            let queue = first.queue()
            try await queue.publish(Message(body: 1))
            let delivery = try #require(try await queue.subscribe(prefetch: 1).next())
            try await second.running {
                let same = second.queue()
                try await same.publish(Message(body: 2))
                let other = try #require(try await same.subscribe(prefetch: 1).next())
                #expect(other.message.body == 2)
                #expect(try await same.count.claimed == 2)
                // What a process leaves that was killed: claims of an owner without a lock.
                try await second.database.execute(
                    "UPDATE wippy_queue_messages SET owner = 1000 WHERE message_id = \(delivery.message.id)")
                try await second.database.execute("INSERT INTO wippy_queue_owners (id, started) VALUES (1000, 0)")
                let again = try #require(try await same.subscribe(prefetch: 1).next())
                #expect(again.message.id == delivery.message.id)
                #expect(again.attempt == 2)
            }
        }
    }

    @Test("Two processes on one file see each other's messages within a second, and share none")
    func twoOwners() async throws {
        let folder = try TemporaryFolder()
        let clock = TestClock()
        let benches = (0..<2).map { _ in SQLQueueBench(file: "\(folder.path)/queue.db", clock: clock) }
        try await benches[0].running {
            try await benches[1].running {
                let queues = benches.map { $0.queue() }
                let subscription = queues[1].subscribe(prefetch: 1)
                let waiting = Task { try await subscription.next() }
                // Once it knows that there is nothing.
                try await eventually("the worker waits") { queues[1].stored.hasIdleWorkers }
                await clock.hasSleepers(2)
                try await queues[0].publish(Message(body: "over there"))
                clock.advance(by: .seconds(1))
                let delivery = try #require(try await waiting.value)
                #expect(delivery.message.body == "over there")
            }
        }
    }

    @Test(
        "Delay, priority, time to live and a unique key do what the headers say",
        arguments: [SQLParameterStyle.question, .dollar])
    func options(_ parameterStyle: SQLParameterStyle) async throws {
        let folder = try TemporaryFolder()
        let clock = TestClock()
        let bench = SQLQueueBench(file: "\(folder.path)/queue.db", parameterStyle: parameterStyle, clock: clock)
        try await bench.running {
            let queue = bench.queue()
            try await queue.publish(Message(body: "late", headers: ["delay": "5s"]))
            try await queue.publish(Message(body: "low"))
            try await queue.publish(Message(body: "old", headers: ["ttl": "1s", "priority": 9]))
            try await queue.publish(Message(body: "high", headers: ["priority": 7]))
            for _ in 0..<2 { try await queue.publish(Message(body: "once", headers: ["unique": "a"])) }
            #expect(try await queue.count == MessageCount(ready: 4, delayed: 1, claimed: 0))
            clock.advance(by: .seconds(2))
            let subscription = queue.subscribe(prefetch: 10)
            var bodies: [Value] = []
            for _ in 0..<3 {
                let delivery = try #require(try await subscription.next())
                bodies.append(delivery.message.body)
                try await subscription.settle(delivery, .acknowledged)
            }
            #expect(bodies == ["high", "low", "once"])
            // Finished, and within its period.
            try await queue.publish(Message(body: "once", headers: ["unique": "a"]))
            #expect(try await queue.count == MessageCount(ready: 0, delayed: 1, claimed: 0))
            let next = Task { try await subscription.next() }
            try await eventually("the delayed message comes") {
                clock.advance(by: .milliseconds(100))
                return try await queue.count.claimed == 1
            }
            #expect(try await next.value?.message.body == "late")
            clock.advance(by: .seconds(3600))
            try await queue.publish(Message(body: "again", headers: ["unique": "a"]))
            #expect(try await queue.count.ready == 1)
            await #expect(throws: WippyError.self) {
                try await queue.publish(Message(body: 1, headers: ["delay": "soon"]))
            }
        }
    }

    @Test(
        "A message is there if and only if the transaction that publishes it commits",
        arguments: [SQLParameterStyle.question, .dollar])
    func transactions(_ parameterStyle: SQLParameterStyle) async throws {
        struct Refused: Error {}
        let folder = try TemporaryFolder()
        let bench = SQLQueueBench(file: "\(folder.path)/queue.db", parameterStyle: parameterStyle)
        try await bench.running {
            let queue = bench.queue()
            let waiting = Task { try await queue.subscribe(prefetch: 1).next() }
            await #expect(throws: Refused.self) {
                try await bench.database.transaction { transaction in
                    let transaction = try #require(transaction as? any QueueTransaction)
                    try await queue.publish(Message(body: 1), in: transaction)
                    throw Refused()
                }
            }
            #expect(try await queue.count.total == 0)
            try await bench.database.transaction { transaction in
                let transaction = try #require(transaction as? any QueueTransaction)
                try await queue.publish(Message(body: 2), in: transaction)
                let error = await #expect(throws: WippyError.self) { try await queue.publish(Message(body: 3)) }
                #expect(error?.message.contains("transaction.publish") == true)
            }
            #expect(try await waiting.value?.message.body == 2)
        }
    }

    @Test(
        "An operator sees, retries and purges messages, and a pause survives a restart",
        arguments: [SQLParameterStyle.question, .dollar])
    func administration(_ parameterStyle: SQLParameterStyle) async throws {
        let folder = try TemporaryFolder()
        var settings = QueueSettings.standard
        settings.deadLetterMaxAttempts = 1
        try await {
            let bench = SQLQueueBench(file: "\(folder.path)/queue.db", parameterStyle: parameterStyle)
            let dead = bench.queue("dead")
            let queue = bench.queue("tasks", settings, deadLetters: dead)
            try await bench.running {
                try await queue.publish(Message(body: 1, headers: ["trace": "x"]))
                try await queue.publish(Message(body: 2, headers: ["delay": "1h"]))
                let subscription = queue.subscribe(prefetch: 1)
                let delivery = try #require(try await subscription.next())
                try await subscription.settle(delivery, .rejected(reason: "no"))
                let info = try await queue.info
                #expect(info.count == MessageCount(ready: 0, delayed: 1, claimed: 0) && info.dead == 1)
                let letter = try #require(try await dead.peek(atMost: 10).first?.message)
                #expect(letter.headers["x_dead_letter_reason"] == "no" && letter.headers["trace"] == "x")
                try await queue.pause()
                #expect(try await dead.retry(atMost: 10) == 1)
                #expect(try await queue.retry(atMost: 10) == 1)
                #expect(try await queue.count == MessageCount(ready: 2, delayed: 0, claimed: 0))
                await subscription.close()
            }
        }()
        let bench = SQLQueueBench(file: "\(folder.path)/queue.db", parameterStyle: parameterStyle)
        let queue = bench.queue()
        try await bench.running {
            #expect(try await queue.info.isPaused)
            let waiting = Task { try await queue.subscribe(prefetch: 1).next() }
            try await queue.publish(Message(body: 3))
            #expect(try await queue.count == MessageCount(ready: 3, delayed: 0, claimed: 0))
            try await queue.resume()
            #expect(try await waiting.value != nil)
            #expect(try await queue.purge() == 2)
            #expect(try await StoredQueues(of: bench.database).keys.contains("app:tasks"))
        }
    }

    @Test("A retry that fails half-way has handed its dead letters to the workers of their queue")
    func halfRetry() async throws {
        let folder = try TemporaryFolder()
        var settings = QueueSettings.standard
        settings.deadLetterMaxAttempts = 1
        let bench = SQLQueueBench(file: "\(folder.path)/queue.db", parameterStyle: .dollar)
        let database = try #require(bench.database as? DollarDatabase)
        let dead = bench.queue("dead")
        let queue = bench.queue("tasks", settings, deadLetters: dead)
        try await bench.running {
            try await queue.publish(Message(body: 1))
            let subscription = queue.subscribe(prefetch: 1)
            let delivery = try #require(try await subscription.next())
            try await subscription.settle(delivery, .rejected(reason: "no"))
            let waiting = Task { try await subscription.next() }
            while !queue.stored.hasIdleWorkers { await Task.yield() }
            database.refusedText.withLock { $0 = "ORDER BY due" }
            await #expect(throws: WippyError.self) { try await dead.retry(atMost: 10) }
            database.refusedText.withLock { $0 = nil }
            #expect(try await waiting.value?.message.body == 1)
            await subscription.close()
        }
    }

    /// What an operator can ask of queues in tables.
    enum Question: CaseIterable {
        case keys, info, peek, retry, purge, pause, fates
    }

    @Test("What an operator asks of stored queues creates the tables if they are missing", arguments: Question.allCases)
    func missingTables(_ question: Question) async throws {
        let file = SQLiteService(path: ":memory:")
        let (stop, isReady) = (StopSignal(), OneShotEvent())
        let run = Task { try await file.run(ready: { isReady.fire() }, stop: stop) }
        defer { run.cancel() }
        await isReady.wait()
        let queues = StoredQueues(of: file)
        switch question {
        case .keys: #expect(try await queues.keys.isEmpty)
        case .info: #expect(try await queues.info(of: "app:tasks").count.total == 0)
        case .peek: #expect(try await queues.peek(at: "app:tasks", atMost: 1).isEmpty)
        case .retry: #expect(try await queues.retry(of: "app:tasks", atMost: 1).isEmpty)
        case .purge: #expect(try await queues.purge("app:tasks") == 0)
        case .pause: try await queues.setPaused(true, for: "app:tasks")
        case .fates: #expect(try await queues.fates(markedBy: "x").isEmpty)
        }
        #expect(try await queues.info(of: "app:tasks").isPaused == (question == .pause))
        stop.fire()
        try await run.value
    }

    /// A queue that stands before another one, and counts what that accepts.
    private struct Wrapper: WrappingQueue {
        let wrapped: any MessageQueue
        let accepted = Counter()

        func didAccept(_ message: Message) { accepted.add() }
    }

    @Test("A dead letter moves within the tables, too, if a queue stands before theirs, which learns of it")
    func wrappedDeadLetters() async throws {
        let folder = try TemporaryFolder()
        let bench = SQLQueueBench(file: "\(folder.path)/queue.db")
        let dead = bench.queue("dead")
        let wrapper = Wrapper(wrapped: dead)
        let queue = bench.driver.makeQueue(
            EntryID(namespace: "app", name: "tasks"), settings: .standard, options: .standard,
            deadLetters: DeadLetters(id: dead.id, queue: Link(wrapper), maxAttempts: 1))
        try await bench.running {
            try await queue.publish(Message(body: 1))
            let subscription = queue.subscribe(prefetch: 1)
            let delivery = try #require(try await subscription.next())
            try await subscription.settle(delivery, .rejected(reason: "no"))
            #expect(try await queue.info.dead == 1)
            #expect(wrapper.accepted.value == 1)
            #expect(try await dead.retry(atMost: 10) == 1)
            await subscription.close()
        }
    }

    @Test("The number of dead letters is not known if another driver has their queue")
    func foreignDeadLetters() async throws {
        let folder = try TemporaryFolder()
        let other = SQLQueueBench(file: "\(folder.path)/other.db")
        let bench = SQLQueueBench(file: "\(folder.path)/queue.db")
        let queue = bench.queue("tasks", deadLetters: other.queue("dead"))
        let neighbour = bench.queue("others", deadLetters: bench.queue("dead"))
        let (unknown, known) = try await bench.running { (try await queue.info, try await neighbour.info) }
        #expect(unknown.dead == nil && known.dead == 0)
    }

    @Test("A publisher that comes to the line of a queue after it was closed does not wait")
    func closedLine() async throws {
        let stored = StoredQueue(key: "tasks")
        let refusal = WippyError(.unavailable, "the driver has stopped", isRetryable: true)
        for _ in 0..<2 {
            stored.open()
            _ = stored.reserve(maxLength: 1)
            stored.close(throwing: refusal)
            let error = await #expect(throws: WippyError.self) {
                try await stored.waitForRoom(maxLength: 1, until: .seconds(60)) {}
            }
            #expect(error?.message == refusal.message)
        }
    }

    @Test("A dead letter whose handler has done its work does not count, even if its queue keeps it for a while")
    func handledDeadLetter() async throws {
        let folder = try TemporaryFolder()
        let bench = SQLQueueBench(file: "\(folder.path)/queue.db")
        let dead = bench.queue("dead", retention: .seconds(3600))
        var settings = QueueSettings.standard
        settings.deadLetterMaxAttempts = 1
        let queue = bench.queue("tasks", settings, deadLetters: dead)
        try await bench.running {
            try await queue.publish(Message(body: 1))
            let (tasks, letters) = (queue.subscribe(prefetch: 1), dead.subscribe(prefetch: 1))
            try await tasks.settle(try #require(try await tasks.next()), .rejected(reason: "no"))
            #expect(try await queue.info.dead == 1)
            try await letters.settle(try #require(try await letters.next()), .acknowledged)
            #expect(try await queue.info.dead == 0)
            await tasks.close()
            await letters.close()
        }
    }

    @Test("The figures know the oldest message of any priority, and the most attempts of one that is there")
    func figures() async throws {
        let folder = try TemporaryFolder()
        let clock = TestClock()
        let bench = SQLQueueBench(file: "\(folder.path)/queue.db", clock: clock)
        var settings = QueueSettings.standard
        settings.retry.initialDelay = .seconds(60)
        let queue = bench.queue("tasks", settings)
        try await bench.running {
            try await queue.publish(Message(body: "low"))
            clock.advance(by: .seconds(5))
            try await queue.publish(Message(body: "high", headers: ["priority": 9]))
            var info = try await queue.info
            #expect(info.oldestAge == .seconds(5) && info.attemptsMost == 0)
            let subscription = queue.subscribe(prefetch: 1)
            for _ in 0..<2 {
                let delivery = try #require(try await subscription.next())
                info = try await queue.info
                #expect(info.attemptsMost == 1 && info.count.claimed == 1)
                try await subscription.settle(delivery, .rejected(reason: "no"))
            }
            info = try await queue.info
            #expect(info.oldestAge == nil && info.attemptsMost == 1 && info.count.delayed == 2)
            try await bench.database.execute("UPDATE wippy_queue_messages SET state = 4, deaths = 2, attempt = 3")
            info = try await queue.info
            #expect(info.oldestAge == .seconds(5) && info.attemptsMost == 3 && info.count.ready == 2)
            await subscription.close()
        }
    }

    @Test("A long queue is not counted at each look", arguments: [1, 2])
    func longQueue(_ state: Int) async throws {
        let folder = try TemporaryFolder()
        let bench = SQLQueueBench(file: "\(folder.path)/queue.db", clock: TestClock())
        let queue = bench.queue(maxLength: 100_000)
        try await bench.running {
            _ = try await bench.database.execute(
                """
                INSERT INTO wippy_queue_messages
                    (queue, state, priority, attempt, deaths, owner, due, published, message_id, body)
                WITH RECURSIVE numbers(number) AS
                    (SELECT 1 UNION ALL SELECT number + 1 FROM numbers WHERE number < 20000)
                SELECT \(queue.stored.key), \(state), 0, 0, 0, 0, 9000000000000, 0, 'x', '1' FROM numbers
                """)
        }
        try await bench.running {
            try await queue.publish(Message(body: 2, headers: ["priority": 1, "delay": state == 2 ? "0s" : "1h"]))
            let expected = MessageCount(ready: state == 1 ? 20_000 : 1, delayed: state == 1 ? 1 : 20_000, claimed: 0)
            #expect(try await queue.info.count == expected)
            // Nobody else would do that, so the driver does not see it if it does not count.
            try await bench.database.execute("DELETE FROM wippy_queue_messages WHERE id > 12000 AND id < 13000")
            #expect(try await queue.info.count == expected)
            #expect(try await StoredQueues(of: bench.database).info(of: queue.stored.key).count.total == 19_002)
        }
    }

    @Test("A suspect in a queue that is paused holds up none of another queue")
    func pausedSuspect() async throws {
        let folder = try TemporaryFolder()
        let bench = SQLQueueBench(file: "\(folder.path)/queue.db")
        let (paused, other) = (bench.queue("paused"), bench.queue("tasks"))
        try await bench.running {
            try await paused.pause()
            try await paused.publish(Message(body: 1))
            try await other.publish(Message(body: 2))
            try await bench.database.execute("UPDATE wippy_queue_messages SET state = 4, deaths = 2")
            let subscription = other.subscribe(prefetch: 1)
            let body = Mutex(Value.null)
            let next = Task {
                if let delivery = try await subscription.next() { body.withLock { $0 = delivery.message.body } }
            }
            try await eventually("the other's is taken") { body.withLock { $0 } == 2 }
            try await next.value
            #expect(try await paused.count.ready == 1)
            await subscription.close()
        }
    }

    @Test("A worker that comes after the start gets a suspect at once")
    func lateWorker() async throws {
        let folder = try TemporaryFolder()
        let clock = TestClock()
        let bench = SQLQueueBench(file: "\(folder.path)/queue.db", clock: clock)
        let queue = bench.queue()
        try await bench.running {
            try await queue.publish(Message(body: 1))
            try await bench.database.execute("UPDATE wippy_queue_messages SET state = 4, deaths = 2")
        }
        try await bench.running {
            try await eventually("it has looked for suspects, and found no worker") {
                clock.deadlines == [.seconds(1)]
            }
            let delivery = try await queue.subscribe(prefetch: 1).next()
            #expect(delivery?.message.body == 1)
        }
    }

    @Test("A message whose owners died twice is taken alone, and one that goes on is a dead letter")
    func poison() async throws {
        let folder = try TemporaryFolder()
        var settings = QueueSettings.standard
        settings.deadLetterMaxAttempts = 3
        for attempt in 1...4 {
            let bench = SQLQueueBench(file: "\(folder.path)/queue.db")
            let dead = bench.queue("dead")
            let queue = bench.queue("tasks", settings, deadLetters: dead)
            try await bench.running {
                if attempt == 1 { try await queue.publish(Message(body: "poison")) }
                if attempt == 3 { #expect(try await queue.peek(atMost: 10).map(\.message.body) == ["poison"]) }
                let subscription = queue.subscribe(prefetch: 10)
                let next = Task { try await subscription.next() }
                if attempt == 4 {
                    try await eventually("it is a dead letter") { try await dead.count.ready == 1 }
                    try await queue.publish(Message(body: "other"))
                    #expect(try await next.value?.message.body == "other")
                    return
                }
                #expect(try await next.value?.attempt == attempt)
                let owner = try #require(bench.driver.owner)
                // The claim of a process that was killed: its owner stays, and nobody holds the lock.
                try await bench.database.execute("UPDATE wippy_queue_messages SET owner = owner + 1000 WHERE state = 3")
                try await bench.database.execute(
                    "INSERT INTO wippy_queue_owners (id, started) VALUES (\(owner + 1000), 0)")
                await subscription.close()
            }
        }
    }
}

/// The durable driver, but for one option of messages, which it ignores.
private struct ForgetfulDriver: QueueDriver {
    static let supportedOptions = SQLQueueDriver.supportedOptions

    let driver: SQLQueueDriver
    let forgotten: MessageOption

    func makeQueue(
        _ id: EntryID, settings: QueueSettings, options: SQLQueueDriver.Options, deadLetters: DeadLetters?
    ) -> ForgetfulQueue {
        ForgetfulQueue(
            queue: driver.makeQueue(id, settings: settings, options: options, deadLetters: deadLetters),
            forgotten: forgotten)
    }
}

private struct ForgetfulQueue: MessageQueue {
    let queue: SQLQueue
    let forgotten: MessageOption

    func publish(_ message: Message) async throws -> Bool {
        var message = message
        message.headers[forgotten.header] = nil
        return try await queue.publish(message)
    }

    func subscribe(prefetch: Int) -> any MessageSubscription { queue.subscribe(prefetch: prefetch) }

    var isDurable: Bool { true }

    func drain(until deadline: Duration) -> Int { queue.drain(until: deadline) }

    var count: MessageCount { get async throws { try await queue.count } }
}

extension QueueTable.Texts {
    /// All texts.
    fileprivate var all: [String] {
        Mirror(reflecting: self).children.flatMap { group in
            Mirror(reflecting: group.value).children.compactMap { $0.value as? String }
        }
    }
}
