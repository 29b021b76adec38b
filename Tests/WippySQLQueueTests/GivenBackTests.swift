import Synchronization
import Testing
import WippyDefinition
import WippyMessaging
import WippyRuntime
import WippySQL
import WippyTesting
import WippyValues

@testable import WippySQLQueue

/// What meets while messages go back to a durable queue.
@Suite("A message that is given back", .timeLimit(.minutes(15)))
struct GivenBackTests {
    private struct Lost: Error {}

    private let folder: TemporaryFolder
    private let clock = TestClock()
    private let bench: SQLQueueBench
    private let database: DollarDatabase

    init() throws {
        folder = try TemporaryFolder()
        bench = SQLQueueBench(file: "\(folder.path)/queue.db", parameterStyle: .dollar, clock: clock)
        database = try #require(bench.database as? DollarDatabase)
    }

    /// Has each statement that gives one message back run as the test says.
    private func onGivingBack(
        _ body:
            @escaping @Sendable (_ row: Value?, _ run: @Sendable () async throws -> SQLChanges) async throws
            -> SQLChanges
    ) {
        database.interception.withLock {
            $0 = { statement, run in
                guard statement.text.contains("attempt = attempt - 1 WHERE id") else { return try await run() }
                return try await body(statement.arguments.first, run)
            }
        }
    }

    private func claim(_ queue: SQLQueue) async throws -> ClaimedMessage? {
        try await queue.claim(1)?.messages.first
    }

    /// Lets the driver's service look once.
    private func look() async throws {
        try await eventually("the service waits") { !clock.deadlines.isEmpty }
        let next = clock.now + .seconds(1)
        clock.advance(by: .seconds(1))
        try await eventually("the service has looked") {
            clock.advance(by: .milliseconds(1))
            return clock.deadlines.contains { $0 > next }
        }
    }

    @Test("It is not looked for as a stray in the meantime, and so goes to one worker only")
    func whileStraysAreSought() async throws {
        let queue = bench.queue()
        let (isReached, goesOn) = (OneShotEvent(), OneShotEvent())
        onGivingBack { _, run in
            isReached.fire()
            await goesOn.wait()
            return try await run()
        }
        try await bench.running {
            try await queue.publish(Message(body: 1))
            let message = try #require(try await claim(queue))
            bench.driver.didFailToClaim()
            let returning = Task { await queue.giveBack(message) }
            await isReached.wait()
            try await look()
            let early = try await claim(queue)
            goesOn.fire()
            _ = await returning.value
            let late = try await claim(queue)
            #expect([early, late].count { $0 != nil } == 1)
        }
    }

    @Test("If the database has stored that, and then reports a failure, the next worker keeps the message")
    func storedAllTheSame() async throws {
        let queue = bench.queue()
        let fails = Failing()
        onGivingBack { _, run in
            let changes = try await run()
            if fails.isFirst { throw Lost() }
            return changes
        }
        try await bench.running {
            try await queue.publish(Message(body: 1))
            await queue.giveBack(try #require(try await claim(queue)))
            #expect(try await claim(queue) != nil)
            try await look()
            #expect(try await claim(queue) == nil, "two workers have it")
        }
    }

    /// True once.
    private final class Failing: Sendable {
        private let hasFailed = Atomic(false)

        var isFirst: Bool { !hasFailed.exchange(true, ordering: .sequentiallyConsistent) }
    }

    @Test("If that fails while another one is given back again, both are ready in the end")
    func twoFailures() async throws {
        let queue = bench.queue()
        let (isReached, goesOn) = (OneShotEvent(), OneShotEvent())
        let failures = Mutex<[Value: Int]>([:])
        onGivingBack { row, run in
            let number = failures.withLock { failures in
                failures[row ?? .null, default: 0] += 1
                return failures[row ?? .null] ?? 0
            }
            guard number > 1 else { throw Lost() }
            isReached.fire()
            await goesOn.wait()
            return try await run()
        }
        try await bench.running {
            for body in [1, 2] as [Value] { try await queue.publish(Message(body: body)) }
            let (first, second) = (try #require(try await claim(queue)), try #require(try await claim(queue)))
            await queue.giveBack(first)
            let looking = Task { try await look() }
            await isReached.wait()
            await queue.giveBack(second)
            goesOn.fire()
            try await looking.value
            try await eventually("both are ready") {
                clock.advance(by: .seconds(1))
                return try await queue.count.ready == 2
            }
        }
    }

    @Test("If the database refuses its settlement for good, it goes back when the database works again, to one worker")
    func refusedSettlement() async throws {
        let queue = bench.queue()
        let failures = Failing()
        database.interception.withLock {
            $0 = { statement, run in
                if statement.text.contains("attempt = attempt - 1 WHERE id"), failures.isFirst { throw Lost() }
                guard statement.text.hasPrefix("DELETE FROM wippy_queue_messages") else { return try await run() }
                throw WippyError(.internal, "the database is damaged", isRetryable: false)
            }
        }
        try await bench.running {
            // Its first look, which may come late, would give the message back at once.
            try await eventually("the service waits") { !clock.deadlines.isEmpty }
            try await queue.publish(Message(body: 1))
            let subscription = queue.subscribe(prefetch: 1)
            let delivery = try #require(try await subscription.next())
            await #expect(throws: WippyError.self) { try await subscription.settle(delivery, .acknowledged) }
            #expect(try await queue.count.claimed == 1)
            database.interception.withLock { $0 = nil }
            try await look()
            #expect(try await queue.count == MessageCount(ready: 1, delayed: 0, claimed: 0))
            let again = try #require(try await claim(queue))
            #expect(again.message.body == 1 && again.claim.attempt == 1)
            #expect(try await claim(queue) == nil, "two workers have it")
            // The worker has given it up: a late settlement does nothing.
            try await subscription.settle(delivery, .acknowledged)
            #expect(try await queue.count.claimed == 1)
            await subscription.close()
        }
    }

    @Test("If the owner's lock is lost, the driver ends with an error, and a new owner gets the message")
    func lostLock() async throws {
        let queue = bench.queue()
        let error = await #expect(throws: WippyError.self) {
            try await bench.running {
                try await queue.publish(Message(body: 1))
                #expect(try await claim(queue) != nil)
                await database.loseLocks()
                try await eventually("the driver has ended") {
                    clock.advance(by: .seconds(1))
                    return bench.driver.owner == nil
                }
            }
        }
        #expect(error?.message.contains("has lost this process's lock") == true, "\(String(describing: error))")
        try await bench.running {
            let count = try await queue.count
            #expect(count == MessageCount(ready: 1, delayed: 0, claimed: 0))
            let message = try #require(try await claim(queue))
            #expect(message.message.body == 1)
        }
    }

    @Test("A stray comes back although a worker has another message for long")
    func strayBesideLongWork() async throws {
        let bench = SQLQueueBench(
            file: "\(folder.path)/other.db", parameterStyle: .dollar, flaw: .failsAfterAClaim, clock: clock)
        let queue = bench.queue()
        try await bench.running {
            for body in [1, 2] as [Value] { try await queue.publish(Message(body: body)) }
            await #expect(throws: WippyError.self) { try await claim(queue) }
            let held = try #require(try await claim(queue))
            #expect(held.message.body == 2)
            try await eventually("the first one is ready") {
                clock.advance(by: .seconds(1))
                return try await queue.count == MessageCount(ready: 1, delayed: 0, claimed: 1)
            }
            // While the driver looks for strays, no message is claimed.
            try await eventually("a worker gets it") { try await claim(queue)?.message.body == 1 }
        }
    }
}
