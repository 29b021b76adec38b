import WippyMessaging
import WippyRuntime
import WippyTestTools
import WippyValues

// Changes of a queue's settings while it is in use, for drivers that support them.
extension QueueDriverConformance {
    private static let hour = Duration.seconds(3600)

    static func preparedChange(_ test: QueueBench) async throws {
        let queue = try test.queue()
        try await test.running {
            try await queue.publish(0..<2)
            _ = try test.update(queue, delay: hour)
            try await follows(QueueBench.delay, queue, in: test)
        }
    }

    static func changedSettings(_ test: QueueBench) async throws {
        let queue = try test.queue(delay: hour)
        try await test.running {
            guard let update = try test.update(queue, delay: QueueBench.delay) else { return }
            let subscription = try await queue.subscribe()
            try await queue.publish(0..<1)
            let inHand = try await subscription.take()
            let waiting = Task { try await subscription.take() }
            update.apply()
            try require("the message in hand", try await queue.total(), is: 1)
            try await queue.publish(1..<2)
            let next = try await waiting.value
            try require("what a worker gets that waited", next.message.body, is: 1)
            for delivery in [inHand, next] { try await subscription.settle(delivery, .acknowledged) }
            try require("what is left of what was acknowledged", try await queue.total(), is: 0)
            try await subscription.close()
            try await queue.publish(0..<2)
            try await follows(QueueBench.delay, queue, in: test)
        }
    }

    static func changeTakenBack(_ test: QueueBench) async throws {
        let queue = try test.queue()
        try await test.running {
            try await queue.publish(0..<2)
            guard let update = try test.update(queue, delay: hour) else { return }
            update.apply()
            update.takeBack()
            try await follows(QueueBench.delay, queue, in: test)
        }
    }

    /// Rejects the first of two messages.
    ///
    /// Requires that it comes again within the test's patience.
    private static func follows(_ delay: Duration, _ queue: BenchQueue, in test: QueueBench) async throws {
        try require("the messages", try await queue.total(), is: 2)
        let subscription = try await queue.subscribe()
        // Both are taken before one is rejected: on a busy machine the delay could end before the second one is taken.
        let (first, second) = (try await subscription.take(), try await subscription.take())
        try require("the message after it", second.message.body, is: 1)
        try await subscription.settle(first, .failed)
        try await subscription.settle(second, .acknowledged)
        let again = try await test.whileTimePasses { try await subscription.settleNext(.acknowledged) }
        try require("what comes again after \(delay)", again.message.body, is: 0)
    }

    static func changedPlace(_ test: QueueBench) async throws {
        let renamed = try test.queue()
        try await test.running {
            try await renamed.publish(0..<2)
            try test.update(renamed, name: "elsewhere")?.apply()
            try await hasTwo(renamed)
        }
        let moved = try test.queue("moved")
        let other = try await test.another()
        try await other.running {
            var update: Update?
            try await test.running {
                try await moved.publish(0..<2)
                update = try other.update(moved)
                update?.apply()
                if update == nil { try await hasTwo(moved) }
            }
            // The first driver of the queue does not run any more.
            if update != nil { try await hasTwo(moved) }
        }
    }

    /// Requires that a queue holds two messages and accepts a third one.
    private static func hasTwo(_ queue: BenchQueue) async throws {
        try await queue.publish(2..<3)
        let subscription = try await queue.subscribe()
        for number in 0..<3 {
            let delivery = try await subscription.settleNext(.acknowledged)
            try require("the message", delivery.message.body, is: .integer(number))
        }
    }
}
