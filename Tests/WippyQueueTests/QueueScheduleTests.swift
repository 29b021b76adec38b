import Synchronization
import Testing
import WippyDefinition
import WippyLog
import WippyMessaging
import WippyRuntime
import WippyTesting
import WippyValues

@testable import WippyQueue

/// A queue that keeps marks, and fails when it is told to.
private final class KeepingQueue: MessageQueue, ScheduleStore {
    struct Down: Error, CustomStringConvertible {
        let description = "the disk is full"
    }

    private struct State {
        var mark: ScheduleMark?
        var messages: [Message] = []
        var error: (any Error)?
        var attempts = 0
    }

    private let state: Mutex<State>

    init(mark: ScheduleMark? = nil) {
        state = Mutex(State(mark: mark))
    }

    var mark: ScheduleMark? { state.withLock { $0.mark } }
    var messages: [Message] { state.withLock { $0.messages } }
    /// The ticks of the messages.
    var ticks: [Int] { messages.compactMap { $0.headers["x_scheduled_at"]?.integer } }
    /// How often somebody has tried to move the mark with a message.
    var attempts: Int { state.withLock { $0.attempts } }

    func fail(with error: (any Error)?) { state.withLock { $0.error = error } }

    func publish(_ message: Message) throws -> Bool { throw Down() }
    func subscribe(prefetch: Int) throws -> any MessageSubscription { throw Down() }
    func drain(until deadline: Duration) -> Int { 0 }
    var count: MessageCount { MessageCount(ready: messages.count, delayed: 0, claimed: 0) }

    func mark(of schedule: EntryID) -> ScheduleMark? { mark }

    func move(
        _ schedule: EntryID, from old: ScheduleMark?, to new: ScheduleMark, publishing message: Message?
    ) throws -> ScheduleMove {
        try state.withLock { state in
            if message != nil { state.attempts += 1 }
            if let error = state.error, message != nil { throw error }
            guard state.mark == old else { return .refused }
            state.mark = new
            guard let message else { return .moved }
            state.messages.append(message)
            return .published
        }
    }
}

/// A store that has no mark and accepts none.
private struct StubbornQueue: MessageQueue, ScheduleStore {
    func publish(_ message: Message) -> Bool { true }
    func subscribe(prefetch: Int) throws -> any MessageSubscription { throw KeepingQueue.Down() }
    func drain(until deadline: Duration) -> Int { 0 }
    let count = MessageCount(ready: 0, delayed: 0, claimed: 0)

    func mark(of schedule: EntryID) -> ScheduleMark? { nil }

    func move(
        _ schedule: EntryID, from old: ScheduleMark?, to new: ScheduleMark, publishing message: Message?
    ) -> ScheduleMove { .refused }
}

@Suite("A queue's schedule", .timeLimit(.minutes(15)))
struct QueueScheduleTests {
    /// The 28th of November 2026, 00:00 in UTC.
    private static let midnight = 1_795_824_000
    private static let minutely = Timetable.every(60)

    private let clock = TestClock(unixSeconds: midnight)
    private let log = LogRecorder()
    private let metrics = Metrics()

    private func settings(
        _ queue: any MessageQueue, _ timetable: Timetable = minutely, _ missed: MissedTicks = .once
    ) -> QueueSchedule.Settings {
        QueueSchedule.Settings(
            timetable: timetable, missed: missed, queue: Link(queue), body: "now", headers: ["colour": "red"])
    }

    private func schedule(_ settings: QueueSchedule.Settings) -> QueueSchedule {
        QueueSchedule(
            .app("schedule"), settings,
            environment: RuntimeEnvironment(
                executors: SharedPoolExecutors(), clock: clock, log: .silent, metrics: metrics),
            log: Log(to: log))
    }

    /// Waits until those who run sleep, and moves the time on.
    private func pass(_ seconds: Int, sleepers: Int = 1) async {
        await clock.hasSleepers(sleepers)
        clock.advance(by: .seconds(seconds))
        await clock.hasSleepers(sleepers)
    }

    @Test("At each tick there is a message with the body, the headers, and the tick")
    func ticks() async throws {
        let queue = KeepingQueue()
        try await running(schedule(settings(queue))) { _ in
            await pass(59)
            #expect(queue.messages.isEmpty)
            await pass(1)
            await pass(60)
        }
        #expect(queue.ticks == [Self.midnight + 60, Self.midnight + 120])
        let message = try #require(queue.messages.first)
        #expect(message.body == "now")
        #expect(
            message.headers == [
                "colour": "red", "x_schedule": "app:schedule", "x_scheduled_at": .integer(Self.midnight + 60),
            ])
        #expect(queue.mark?.second == Self.midnight + 120)
        #expect(metrics.counter(QueueSchedule.publishedMessages, of: .app("schedule")).value == 2)
        #expect(log.records.isEmpty)
    }

    @Test("A queue in memory gets the messages, and what came before the start is nobody's")
    func memory() async throws {
        let queue = MemoryQueueDriver(clock: clock, log: .silent).queue("tasks")
        try await running(schedule(settings(queue, Self.minutely, .all))) { _ in
            #expect(queue.count.ready == 0)
            await pass(60)
            await pass(60)
            #expect(queue.count.ready == 2)
        }
    }

    @Test(
        "After a pause 'once' has one message, 'all' one for each tick, and 'skip' none",
        arguments: [(MissedTicks.once, [0]), (.all, [-180, -120, -60, 0]), (.skip, [])])
    func missed(_ missed: MissedTicks, _ expected: [Int]) async throws {
        let mark = ScheduleMark(second: Self.midnight - 230, definition: "every 60s")
        let queue = KeepingQueue(mark: mark)
        clock.advance(by: .seconds(59))
        try await running(schedule(settings(queue, Self.minutely, missed))) { _ in
            await clock.hasSleepers()
            #expect(queue.ticks == expected.map { Self.midnight + $0 })
            await pass(1)
            #expect(queue.ticks == (expected + [60]).map { Self.midnight + $0 })
        }
    }

    @Test("Of more missed ticks than a thousand 'all' has the last")
    func manyMissed() async throws {
        let queue = KeepingQueue(mark: ScheduleMark(second: 0, definition: "every 60s"))
        try await running(schedule(settings(queue, Self.minutely, .all))) { _ in await clock.hasSleepers() }
        #expect(queue.ticks == (0..<1000).map { Self.midnight - (999 - $0) * 60 })
    }

    @Test("A store that accepts no mark does not hold the schedule up: it says so once, and stops when it is told to")
    func stubbornStore() async throws {
        try await running(schedule(settings(StubbornQueue(), Self.minutely, .all))) { _ in
            await clock.hasSleepers()
            clock.advance(by: .seconds(1))
            await clock.hasSleepers()
        }
        #expect(log.messages == ["the queue of the schedule fails; the messages that are due are tried again"])
    }

    @Test("A damaged mark is no trap", arguments: [Int.min, .max], [Timetable.every(60), .every(7)])
    func damagedMark(_ second: Int, _ timetable: Timetable) async throws {
        let queue = KeepingQueue(mark: ScheduleMark(second: second, definition: timetable.definition))
        try await running(schedule(settings(queue, timetable, .once))) { _ in await clock.hasSleepers() }
        #expect(queue.messages.count <= 1)
    }

    @Test("Ticks of another timetable than it was are not missed ones")
    func otherDefinition() async throws {
        let mark = ScheduleMark(second: Self.midnight - 3600, definition: "every 61s")
        let queue = KeepingQueue(mark: mark)
        try await running(schedule(settings(queue, Self.minutely, .all))) { _ in
            await clock.hasSleepers()
            #expect(queue.messages.isEmpty)
            #expect(queue.mark == ScheduleMark(second: Self.midnight, definition: "every 60s"))
            await pass(60)
            #expect(queue.ticks == [Self.midnight + 60])
        }
    }

    @Test("Of two processes with one schedule, one publishes each tick; also while they differ in its timetable")
    func twoProcesses() async throws {
        let queue = KeepingQueue()
        let (first, second) = (schedule(settings(queue)), schedule(settings(queue)))
        try await running(first) { _ in
            try await running(second) { _ in
                for _ in 0..<5 { await pass(60, sleepers: 2) }
            }
        }
        #expect(queue.ticks == (1...5).map { Self.midnight + $0 * 60 })

        let other = KeepingQueue()
        try await running(schedule(settings(other, .every(120), .once))) { _ in
            await clock.hasSleepers()
            try await running(schedule(settings(other, .every(180), .once))) { _ in
                for _ in 0..<7 { await pass(60, sleepers: 2) }
            }
        }
        // Since five minutes after midnight, where both begin: each second minute is the one's, each third the other's.
        #expect(other.ticks == [6, 8, 9, 10, 12].map { Self.midnight + $0 * 60 })
    }

    @Test("What the queue does not take is tried again with growing waits, and told once")
    func failing() async throws {
        let queue = KeepingQueue()
        try await running(schedule(settings(queue))) { _ in
            await clock.hasSleepers()
            queue.fail(with: KeepingQueue.Down())
            await pass(60)
            for attempt in 1...5 {
                try await eventually { queue.attempts == attempt }
                await clock.hasSleepers()
                let wait = Duration.milliseconds(100) * (1 << (attempt - 1))
                #expect(clock.deadlines == [clock.now + wait])
                if attempt == 5 { queue.fail(with: nil) }
                clock.advance(by: wait)
            }
            try await eventually { queue.messages.count == 1 }
            await clock.hasSleepers()
        }
        #expect(queue.ticks == [Self.midnight + 60])
        #expect(
            log.messages == [
                "the queue of the schedule fails; the messages that are due are tried again",
                "the queue of the schedule takes messages again",
            ])
        #expect(log.records.first?.metadata["reason"] == "the disk is full")
    }

    @Test("A message that the queue will never take is passed over, with an error")
    func refused() async throws {
        let queue = KeepingQueue()
        try await running(schedule(settings(queue))) { _ in
            await clock.hasSleepers()
            queue.fail(with: WippyError(.invalid, "no such header", isRetryable: false))
            await pass(60)
            queue.fail(with: nil)
            await pass(60)
        }
        #expect(queue.ticks == [Self.midnight + 120])
        #expect(log.messages == ["the queue refused a message of the schedule"])
    }

    @Test("Another timetable counts from when it came; another message is that of the next tick")
    func change() async throws {
        let queue = KeepingQueue()
        let schedule = schedule(settings(queue, .every(3600), .once))
        try await running(schedule) { _ in
            await pass(50)
            schedule.change(to: settings(queue))
            try await eventually { queue.mark?.definition == "every 60s" }
            await pass(10)
            #expect(queue.ticks == [Self.midnight + 60])
            schedule.change(
                to: QueueSchedule.Settings(
                    timetable: Self.minutely, missed: .once, queue: Link(queue), body: "later", headers: [:]))
            await pass(60)
        }
        #expect(queue.ticks == [Self.midnight + 60, Self.midnight + 120])
        #expect(queue.messages.map(\.body) == ["now", "later"])
    }

    @Test("A mark of a clock that was far ahead does not hold the schedule up; one that is a little ahead does")
    func clockPutBack() async throws {
        for (ahead, expected) in [(86_400, [60]), (3600, [])] {
            let queue = KeepingQueue(mark: ScheduleMark(second: Self.midnight + ahead, definition: "every 60s"))
            let clock = TestClock(unixSeconds: Self.midnight)
            let schedule = QueueSchedule(
                .app("schedule"), settings(queue),
                environment: RuntimeEnvironment(
                    executors: SharedPoolExecutors(), clock: clock, log: .silent, metrics: metrics),
                log: .silent)
            try await running(schedule) { _ in
                await clock.hasSleepers()
                clock.advance(by: .seconds(60))
                await clock.hasSleepers()
            }
            #expect(queue.ticks == expected.map { Self.midnight + $0 })
        }
    }

    @Test("A stop ends the wait at once, and so does a cancellation")
    func ends() async throws {
        let schedule = schedule(settings(KeepingQueue()))
        try await running(schedule) { _ in await clock.hasSleepers() }
        let task = Task { await schedule.run(ready: {}, stop: StopSignal()) }
        task.cancel()
        await task.value
    }

    @Test("A time far ahead is waited for in short turns, so that a clock that is set is noticed")
    func turns() async throws {
        let leapDay = Timetable.cron(try CronExpression("0 0 29 2 *"), .substitute)
        let schedule = schedule(settings(KeepingQueue(), leapDay, .once))
        #expect(schedule.details["next"] == "2028-02-29T00:00:00Z")
        try await running(schedule) { _ in
            await clock.hasSleepers()
            #expect(clock.deadlines == [.seconds(60)])
        }
    }

    @Test("A period is counted from 1970, so that no start shifts it")
    func periods() {
        #expect(Timetable.every(3600).next(after: Self.midnight + 1) == Self.midnight + 3600)
        #expect(Timetable.every(3600).next(after: Self.midnight) == Self.midnight + 3600)
        #expect(Timetable.every(7).next(after: -1) == 0)
        #expect(Timetable.every(7).next(after: -8) == -7)
        #expect(Timetable.every(7).next(after: .max) == nil)
    }

    @Test("The last ticks are found without a walk through all of them")
    func latest() throws {
        let (first, last) = (0, Self.midnight)
        #expect(Self.minutely.latest(atMost: 2, after: first, through: last) == [last - 60, last])
        #expect(Self.minutely.latest(atMost: 5, after: last - 100, through: last) == [last - 60, last])
        #expect(Self.minutely.latest(atMost: 5, after: last, through: last).isEmpty)
        #expect(Self.minutely.latest(atMost: 5, after: last + 60, through: last).isEmpty)
        let leapDay = Timetable.cron(try CronExpression("0 0 29 2 *"), .substitute)
        #expect(leapDay.latest(atMost: 1, after: first, through: last) == [1_709_164_800])
    }
}
