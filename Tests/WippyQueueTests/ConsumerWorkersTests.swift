import Testing
import WippyDefinition
import WippyLog
import WippyMessaging
import WippyRuntime
import WippyTesting

@testable import WippyQueue

extension QueueConsumer {
    /// Has so many messages handled at once from now on.
    fileprivate func change(concurrency: Int) {
        workers.change(to: .init(concurrency: concurrency, function: workers.settings.function))
    }
}

@Suite("A consumer's workers change while they work")
struct ConsumerWorkersTests {
    /// Messages that wait in their handler until the test lets them go.
    private final class Gates: Sendable {
        private let state = Shared<(inside: [Int: OneShotEvent], most: Int)>(([:], 0))

        /// The messages that are being handled, in order.
        var inside: [Int] { state.value.inside.keys.sorted() }

        /// How many were handled at once, at most.
        var most: Int { state.value.most }

        func handle(_ delivery: Delivery) async throws {
            let gate = OneShotEvent()
            state.update {
                $0.inside[delivery.number] = gate
                $0.most = max($0.most, $0.inside.count)
            }
            await gate.wait()
            state.update { $0.inside[delivery.number] = nil }
            try Task.checkCancellation()
        }

        func open(_ number: Int) { state.value.inside[number]?.fire() }
    }

    @Test("Given more, further workers begin at once")
    func more() async throws {
        let queue = TestDriver().queue()
        let gates = Gates()
        let consumer = QueueConsumer(queue) { try await gates.handle($0) }
        for number in 0..<6 { try await queue.publish(.number(number)) }
        try await running(consumer) { _ in
            try await eventually { gates.inside == [0] }
            consumer.change(concurrency: 4)
            try await eventually { gates.inside == [0, 1, 2, 3] }
            for number in 0..<6 {
                try await eventually { gates.inside.contains(number) }
                gates.open(number)
            }
            try await eventually { consumer.handled.value == 6 }
        }
        #expect(gates.most == 4)
    }

    @Test("Given fewer, those who are too many finish what they have in hand and take no more")
    func fewer() async throws {
        let queue = TestDriver().queue()
        let gates = Gates()
        let consumer = QueueConsumer(queue, concurrency: 4) { try await gates.handle($0) }
        for number in 0..<10 { try await queue.publish(.number(number)) }
        try await running(consumer) { _ in
            try await eventually { gates.inside == [0, 1, 2, 3] }
            consumer.change(concurrency: 1)
            for number in 0...3 { gates.open(number) }
            try await eventually { consumer.handled.value == 4 && gates.inside == [4] }
            #expect(queue.count == MessageCount(ready: 5, delayed: 0, claimed: 1))
            for number in 4..<10 {
                try await eventually { gates.inside == [number] }
                gates.open(number)
            }
            try await eventually { consumer.handled.value == 10 }
        }
        #expect(consumer.failed.value == 0)
        #expect(gates.most == 4)
    }

    @Test("Given fewer, those end first that wait for a message, without one")
    func fewerThatWait() async throws {
        let queue = TestDriver().queue()
        let executor = OneThread()
        let gates = Gates()
        let consumer = QueueConsumer(queue, concurrency: 8, executors: executor) { try await gates.handle($0) }
        try await running(consumer) { _ in
            for number in 0...1 { try await queue.publish(.number(number)) }
            try await eventually { gates.inside == [0, 1] }
            // On the workers' only thread all others wait for a message by now.
            await Task(executorPreference: executor) { consumer.change(concurrency: 2) }.value
            for number in 2...4 { try await queue.publish(.number(number)) }
            gates.open(0)
            // A message that came to a worker at its end went back, so the next one need not be the oldest.
            try await eventually { gates.inside.count == 2 && !gates.inside.contains(0) }
            try await eventually { queue.count == MessageCount(ready: 2, delayed: 0, claimed: 2) }
            try await eventually {
                for number in gates.inside { gates.open(number) }
                return consumer.handled.value == 5
            }
        }
        #expect(gates.most == 2)
    }

    @Test("Fewer and then more again: those go on who were to end, and none comes beside them")
    func fewerAndMore() async throws {
        let queue = TestDriver().queue()
        let gates = Gates()
        let consumer = QueueConsumer(queue, concurrency: 4) { try await gates.handle($0) }
        for number in 0..<20 { try await queue.publish(.number(number)) }
        try await running(consumer) { _ in
            try await eventually { gates.inside == [0, 1, 2, 3] }
            for _ in 0..<10 {
                consumer.change(concurrency: 1)
                consumer.change(concurrency: 4)
            }
            for number in 0..<20 {
                try await eventually { gates.inside.contains(number) }
                gates.open(number)
            }
            try await eventually { consumer.handled.value == 20 }
        }
        #expect(gates.most == 4)
    }

    @Test("A message that comes to a worker at the moment in which it is to end goes back as it was")
    func lateMessage() async throws {
        let test = TestDriver()
        let queue = test.queue()
        let executor = OneThread()
        let gates = Gates()
        let consumer = QueueConsumer(queue, concurrency: 2, executors: executor, clock: test.clock) {
            try await gates.handle($0)
        }
        try await running(consumer) { _ in
            for number in [0, 9] { try await queue.publish(.number(number)) }
            try await eventually { gates.inside == [0, 9] }
            gates.open(9)
            try await eventually { consumer.handled.value == 1 }
            // On the workers' only thread nothing runs between the two, nor before the other worker waits.
            await Task(executorPreference: executor) {
                #expect(queue.accept(.number(1)))
                #expect(queue.count.claimed == 2)
                consumer.change(concurrency: 1)
            }.value
            try await eventually { queue.count == MessageCount(ready: 1, delayed: 0, claimed: 1) }
            gates.open(0)
            try await eventually { gates.inside == [1] }
            gates.open(1)
            try await eventually { consumer.handled.value == 3 }
        }
        #expect(consumer.failed.value == 0)
    }

    @Test("A number that changes while the consumer does not run is that of its next run")
    func whileNotRunning() async throws {
        let queue = TestDriver().queue()
        let gates = Gates()
        let consumer = QueueConsumer(queue, concurrency: 5) { try await gates.handle($0) }
        for number in 0..<3 { try await queue.publish(.number(number)) }
        consumer.change(concurrency: 2)
        for first in [0, 1] {
            try await running(consumer) { stop in
                try await eventually { gates.inside.count == 2 - first }
                stop.fire()
                for number in gates.inside { gates.open(number) }
            }
            consumer.change(concurrency: 1)
        }
        #expect(consumer.handled.value == 3)
        #expect(gates.most == 2)
    }

    @Test("A worker that waits for a driver that fails ends, too, and the others say when it works again")
    func whileFailing() async throws {
        let test = TestDriver()
        let queue = FailingQueue(test.queue())
        let consumer = QueueConsumer(queue, concurrency: 3, clock: test.clock, log: Log(to: test.lines)) { _ in }
        try await running(consumer) { _ in
            let due = Duration.milliseconds(100)
            try await eventually { test.clock.deadlines == [due, due, due] }
            consumer.change(concurrency: 1)
            try await eventually { test.clock.deadlines == [due] }
            queue.fails.update { $0 = false }
            try await queue.publish(.number(0))
            test.clock.advance(by: due)
            try await eventually { consumer.handled.value == 1 }
        }
        #expect(
            test.lines.records.map(\.message) == [
                "the queue's driver fails; the workers try again", "the queue's driver works again",
            ])
    }

    @Test("A driver that does not fail any more works again, though no message comes")
    func worksAgain() async throws {
        let test = TestDriver()
        let queue = FailingQueue(test.queue())
        let consumer = QueueConsumer(queue, concurrency: 2, clock: test.clock, log: Log(to: test.lines)) { _ in }
        try await running(consumer) { _ in
            try await eventually { test.clock.deadlines.count == 2 }
            queue.fails.update { $0 = false }
            test.clock.advance(by: .milliseconds(100))
            let quiet = Duration.milliseconds(10_100)
            try await eventually { test.clock.deadlines == [quiet, quiet] }
            #expect(test.lines.records.count == 1)
            test.clock.advance(by: .seconds(10))
            try await eventually { test.lines.records.count == 2 }
            for number in 0..<10 { try await queue.publish(.number(number)) }
            try await eventually { consumer.handled.value == 10 }
        }
        #expect(test.lines.records.last?.message == "the queue's driver works again")
    }

    @Test("Numbers that change at random under load: nothing is lost, and no handler is cancelled", arguments: 0..<30)
    func random(seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed)
        let queue = TestDriver().queue(maxLength: 1_000_000)
        let gauge = Shared((now: 0, most: 0))
        let (holds, gate) = (Shared(false), OneShotEvent())
        let consumer = QueueConsumer(queue, concurrency: 8) { delivery in
            gauge.update { $0 = ($0.now + 1, max($0.most, $0.now + 1)) }
            if delivery.number % 2 == 0 { await Task.yield() }
            if holds.value { await gate.wait() }
            gauge.update { $0.now -= 1 }
            try Task.checkCancellation()
        }
        var published = 0
        try await running(consumer) { _ in
            for _ in 0..<100 {
                for _ in 0..<Int.random(in: 0...20, using: &random) {
                    try await queue.publish(.number(published))
                    published += 1
                }
                consumer.change(concurrency: .random(in: 1...8, using: &random))
                if Bool.random(using: &random) { await Task.yield() }
            }
            try await eventually { consumer.handled.value == published }
            // Those who were too many are gone now, and those are there who are to be.
            consumer.change(concurrency: 3)
            holds.update { $0 = true }
            for number in 0..<8 { try await queue.publish(.number(number)) }
            // One that came to a worker which was to end is on its way back for a moment.
            let held = MessageCount(ready: 5, delayed: 0, claimed: 3)
            try await eventually { gauge.value.now == 3 && queue.count == held }
            gate.fire()
            try await eventually { consumer.handled.value == published + 8 }
        }
        #expect(consumer.failed.value == 0)
        #expect(gauge.value.now == 0 && gauge.value.most <= 8)
        #expect(queue.count == MessageCount(ready: 0, delayed: 0, claimed: 0))
    }
}
