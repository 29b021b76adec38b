import Synchronization
import Testing
import WippyDefinition
import WippyLog
import WippyTesting

@testable import WippyRuntime

@Suite("What a process sees of its stop", .timeLimit(.minutes(15)))
struct StoppingProcessTests {
    private let clock = TestClock()
    private let stop = StopSignal()
    private let readyCalls = Counter()

    private func context() -> ProcessContext {
        ProcessContext(id: .app("job"), input: [], log: .silent, clock: clock, stop: stop) { [readyCalls] in
            readyCalls.add()
        }
    }

    @Test("A sleep ends at its time, and nothing of it stays behind")
    func sleep() async throws {
        let context = context()
        let sleeper = Task { try await context.sleep(for: .seconds(5)) }
        await clock.hasSleepers()
        #expect(clock.deadlines == [.seconds(5)])
        clock.advance(by: .seconds(5))
        try await sleeper.value
        #expect(clock.deadlines.isEmpty)
    }

    @Test("A sleep throws when the process is told to end and when its task is cancelled", arguments: [false, true])
    func interruptedSleep(byCancellation: Bool) async {
        let context = context()
        let sleeper = Task { try await context.sleep(for: .seconds(5)) }
        await clock.hasSleepers()
        if byCancellation { sleeper.cancel() } else { stop.fire() }
        await #expect(throws: CancellationError.self) { try await sleeper.value }
        #expect(clock.deadlines.isEmpty)
    }

    @Test("A process that was told to end does not fall asleep again")
    func sleepAfterStop() async {
        let context = context()
        stop.fire()
        await #expect(throws: CancellationError.self) { try await context.sleep(for: .zero) }
    }

    @Test("The stop is one event, after which there are no more")
    func events() async {
        let context = context()
        let events = Task {
            var count = 0
            while await context.nextEvent() != nil { count += 1 }
            return count
        }
        stop.fire()
        #expect(await events.value == 1)
    }

    @Test("A cancelled task gets no event, even when it goes on asking")
    func cancelledEvents() async {
        let context = context()
        let events = Task { [await context.nextEvent(), await context.nextEvent()] }
        events.cancel()
        #expect(await events.value == [nil, nil])
    }

    @Test("The process is ready from its first sleep or its first wait for an event on, and says so once")
    func readiness() async throws {
        let context = context()
        #expect(readyCalls.value == 0)
        try await context.sleep(for: .zero)
        context.ready()
        stop.fire()
        _ = await context.nextEvent()
        #expect(readyCalls.value == 1)
    }
}
