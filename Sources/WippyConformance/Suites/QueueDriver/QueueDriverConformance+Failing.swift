import WippyMessaging
import WippyRuntime
import WippyTestTools
import WippyValues

// A storage that fails, and works again.
extension QueueDriverConformance {
    static func keptOnce(_ test: QueueBench) async throws {
        let queue = try test.queue()
        try await test.running {
            try await queue.publish(0..<1)
            try await test.whileStorageFails { try await requireFailure(ofPublishing: 1, to: queue) }
            try await queue.publish(2..<3)
            let subscription = try await queue.subscribe()
            var bodies: [Value] = []
            while bodies.last != 2 {
                let delivery = try await test.whileTimePasses { try await subscription.settleNext(.acknowledged) }
                bodies.append(delivery.message.body)
            }
            // A driver whose storage is behind a network may have stored the message before the failure came.
            try require(
                bodies == [0, 2] || bodies == [0, 1, 2],
                "the messages must be 0 and 2, and perhaps 1 between them; got \(bodies)")
            try require("what is left", try await queue.total(), is: 0)
        }
    }

    static func settledAgain(_ test: QueueBench) async throws {
        let ends: [(name: String, settlement: Settlement, nextAttempt: Int?)] = [
            ("acknowledged", .acknowledged, nil), ("rejected", .failed, 2), ("returned", .returned, 1),
        ]
        let queues = try ends.map { try test.queue($0.name) }
        try await test.running {
            for (end, queue) in zip(ends, queues) {
                try await queue.publish(0..<1)
                let subscription = try await queue.subscribe()
                try await settleAgain(try await subscription.take(), end.settlement, subscription, of: queue, test)
                try await test.whileTimePasses {
                    if let attempt = end.nextAttempt {
                        let next = try await subscription.settleNext(.acknowledged)
                        try require("the attempt after it was \(end.name)", next.attempt, is: attempt)
                    }
                    try await test.patience.eventually("nothing is left of what was \(end.name)") {
                        try await queue.total() == 0
                    }
                }
            }
        }
    }

    private static func settleAgain(
        _ delivery: Delivery, _ settlement: Settlement, _ subscription: BenchSubscription, of queue: BenchQueue,
        _ test: QueueBench
    ) async throws {
        let isSettled = try await test.whileStorageFails {
            do {
                try await subscription.settle(delivery, settlement)
                return true
            } catch let problem as Finding {
                throw problem
            } catch {
                return false
            }
        }
        // A driver may note a settlement itself, and store it later.
        guard !isSettled else { return }
        try require("the number of messages with workers", try await queue.count().claimed, is: 1)
        try await subscription.settle(delivery, settlement)
    }

    static func askedAgain(_ test: QueueBench) async throws {
        let queue = try test.queue()
        try await test.running {
            try await queue.publish(0..<1)
            let subscription = try await queue.subscribe()
            let worker = try await test.whileStorageFails {
                let worker = Task { try await takeStubbornly(from: subscription) }
                // The worker has time to fail.
                for number in 1...3 { try await requireFailure(ofPublishing: number, to: queue) }
                return worker
            }
            let delivery = try await test.whileTimePasses {
                try await test.patience.outcome(of: "a worker that asks again", worker)
            }
            try require("the message", delivery.message.body, is: 0)
            try require("its attempt", delivery.attempt, is: 1)
            try await subscription.settle(delivery, .acknowledged)
        }
    }

    /// Claims the next message, however often the storage fails.
    private static func takeStubbornly(from subscription: BenchSubscription) async throws -> Delivery {
        while true {
            do {
                return try await subscription.take()
            } catch let problem as Finding {
                throw problem
            } catch {
                try await Task.sleep(for: .milliseconds(1))
            }
        }
    }

    private static func requireFailure(ofPublishing number: Int, to queue: BenchQueue) async throws {
        let error = try await require("publishing while the storage fails", throws: WippyError.self) {
            try await queue.publish(number..<number + 1)
        }
        try require("the error's kind", error.kind, is: .unavailable)
        try require(error.isRetryable == true, "the error must be one that can be retried: \(error)")
    }
}
