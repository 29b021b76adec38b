import Testing
import WippyDefinition
import WippyLog
import WippyMessaging
import WippyRuntime
import WippyTesting
import WippyValues

@testable import WippyQueue

private struct Failed: Error {}

@Suite("Queue, consumers and driver stop at random moments under load")
struct QueueStressTests {
    /// What one round does, drawn from its seed.
    private struct Round {
        let maxLength: Int
        let workers: Int
        let consumers: Int
        let publishers: Int
        let stopAfter: Int
        let failEvery: Int
        let maxAttempts: Int
        let isCancelled: Bool

        init(seed: UInt64) {
            var random = SeededGenerator(seed: seed)
            maxLength = [1, 2, 7, 1000].randomElement(using: &random) ?? 1
            workers = .random(in: 1...8, using: &random)
            consumers = .random(in: 1...3, using: &random)
            publishers = .random(in: 1...6, using: &random)
            stopAfter = .random(in: 0...200, using: &random)
            failEvery = .random(in: 1...5, using: &random)
            maxAttempts = .random(in: 1...3, using: &random)
            isCancelled = .random(using: &random)
        }
    }

    @Test("Nothing accepted is lost: handled and left make up what was accepted", arguments: 0..<300)
    func nothingIsLost(seed: UInt64) async throws {
        let round = Round(seed: seed)
        let lines = LogRecorder()
        let driver = MemoryQueueDriver(clock: SystemClock(), log: Log(to: lines))
        let dead = driver.queue("dead", maxLength: round.maxLength)
        let queue = driver.queue(
            "tasks", maxLength: round.maxLength, publishTimeout: .seconds(60),
            retry: QueueRetry(initialDelay: .milliseconds(1), maxDelay: .milliseconds(4), jitter: 0.1),
            deadLetters: dead, maxAttempts: round.maxAttempts)
        let accepted = Counter()
        let handled = Counter()
        let consumer = { @Sendable (seed: Int) in
            QueueConsumer(queue, concurrency: round.workers) { delivery in
                if delivery.number % 3 == seed { await Task.yield() }
                if delivery.number % round.failEvery == 0 { throw Failed() }
                handled.add()
            }
        }
        try await running(MemoryQueueService(driver: driver)) { _ in
            try await withThrowingTaskGroup { group in
                let stop = StopSignal()
                for number in 0..<round.consumers {
                    group.addTask { try await consumer(number).run(ready: {}, stop: stop) }
                }
                let publishers = (0..<round.publishers).map { publisher in
                    Task {
                        for number in 0..<10_000 where !Task.isCancelled {
                            guard (try? await queue.publish(.number(number * 7 + publisher))) != nil else { return }
                            accepted.add()
                        }
                    }
                }
                try await eventually { accepted.value >= round.stopAfter || queue.count.delayed >= round.maxLength }
                if round.isCancelled { group.cancelAll() } else { stop.fire() }
                for publisher in publishers { publisher.cancel() }
                for publisher in publishers { await publisher.value }
                try await group.waitForAll()
            }
            #expect(queue.count.claimed == 0)
        }
        var left = 0
        for line in lines.records {
            guard line.level == .warning, line.message.hasPrefix("messages are left") else { continue }
            if case .value(.integer(let count)) = line.metadata["count"] { left += count }
        }
        #expect(handled.value + left == accepted.value)
    }

    @Test("Starting and stopping at once leaves nothing running", arguments: [1, 16])
    func startAndStop(workers: Int) async throws {
        let driver = MemoryQueueDriver(clock: SystemClock(), log: .silent)
        let queue = driver.queue("tasks")
        let consumer = QueueConsumer(queue, concurrency: workers) { _ in }
        for round in 0..<300 {
            let stop = StopSignal()
            if round % 3 == 0 { stop.fire() }
            let run = Task { try await consumer.run(ready: { if round % 3 == 1 { stop.fire() } }, stop: stop) }
            try await queue.publish(.number(round))
            if round % 2 == 0 { run.cancel() } else { stop.fire() }
            try await run.value
            #expect(queue.count.claimed == 0)
            #expect(queue.count.delayed == 0)
        }
    }
}
