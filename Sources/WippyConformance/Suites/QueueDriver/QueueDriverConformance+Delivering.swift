import Synchronization
import WippyDefinition
import WippyMessaging
import WippyTestTools
import WippyValues

// Publishing and delivering.
extension QueueDriverConformance {
    static func content(_ test: QueueBench) async throws {
        let queue = try test.queue()
        let message = Message(
            body: ["text": "x'é\"\0", "list": [1, 2.5, true, nil, .integer(.max)], "map": ["": ""]],
            headers: ["trace": "1", "size": 7, "is_urgent": true])
        try await test.running {
            try await queue.publish(message)
            let delivery = try await queue.subscribe().take()
            try require("the id", delivery.message.id, is: message.id)
            try require("the body", delivery.message.body, is: message.body)
            for header in message.headers {
                try require(
                    "the header '\(header.key)'", delivery.message.headers[header.key], is: header.value)
            }
            try require("the queue", delivery.queue, is: queue.id)
            try require("the attempt", delivery.attempt, is: 1)
            try require("the attempts before", delivery.message.attempts, is: 0)
        }
    }

    static func timestamp(_ test: QueueBench) async throws {
        let dead = try test.queue("dead")
        let queue = try test.queue(deadLetters: (dead.id, dead.queue), maxAttempts: 1)
        try await test.running {
            let before = test.begin
            try await queue.publish(Message(body: 0))
            try await queue.publish(Message(body: 1, headers: ["trace": "1"]))
            try await queue.publish(Message(body: 2, headers: [MessageHeader.timestamp: 12]))
            let after = UnixTime.now
            let (subscription, letters) = (try await queue.subscribe(), try await dead.subscribe())
            for number in 0..<3 {
                let delivery = try await subscription.settleNext(.failed)
                let second = delivery.message.headers[MessageHeader.timestamp]?.integer
                let expected = number == 2 ? 12...12 : before...after
                try require(
                    second.map(expected.contains) == true,
                    "the header 'timestamp' must be in \(expected), got \(second, default: "none")")
                let letter = try await test.whileTimePasses { try await letters.settleNext(.acknowledged) }
                try require(
                    "that of the dead letter", letter.message.headers[MessageHeader.timestamp]?.integer, is: second)
            }
        }
    }

    static func order(_ test: QueueBench) async throws {
        let queue = try test.queue()
        try await test.running {
            try await queue.publish(0..<50)
            let subscription = try await queue.subscribe(prefetch: 3)
            for number in 0..<50 {
                let delivery = try await subscription.settleNext(.acknowledged)
                try require("the message", delivery.message.body, is: .integer(number))
            }
        }
    }

    static func waiting(_ test: QueueBench) async throws {
        let queue = try test.queue()
        try await test.running {
            let subscription = try await queue.subscribe()
            for number in 0..<20 {
                let worker = Task { try await subscription.take() }
                try await queue.publish(number..<number + 1)
                let delivery = try await worker.value
                try require("the message", delivery.message.body, is: .integer(number))
                try await subscription.settle(delivery, .acknowledged)
            }
        }
    }

    static func oneHand(_ test: QueueBench) async throws {
        let queue = try test.queue()
        try await test.running {
            let subscriptions = [try await queue.subscribe(), try await queue.subscribe()]
            let deliveries = try await withThrowingTaskGroup { group in
                for subscription in subscriptions { group.addTask { try await subscription.take() } }
                try await queue.publish(0..<1)
                let first = try await group.next()
                try await queue.publish(1..<2)
                return [first, try await group.next()].compactMap(\.self)
            }
            try require(
                "what two workers have of two messages", deliveries.compactMap(\.message.body.integer), is: [0, 1])
            try require("the messages that are claimed", try await queue.count().claimed, is: 2)
        }
    }

    static func prefetch(_ test: QueueBench) async throws {
        let queue = try test.queue()
        try await test.running {
            try await queue.publish(0..<10)
            _ = try await queue.subscribe(prefetch: 3).take()
            let count = try await queue.count()
            try require(
                (1...4).contains(count.claimed), "one worker and 3 ahead of it may have 1 to 4, got \(count.claimed)")
            try require("all messages", try await queue.total(), is: 10)
        }
    }

    static func counts(_ test: QueueBench) async throws {
        let queue = try test.queue(delay: .seconds(3600))
        try await test.running {
            try require("an empty queue", try await queue.count(), is: MessageCount(ready: 0, delayed: 0, claimed: 0))
            try await queue.publish(0..<3)
            try require("three published", try await queue.count(), is: MessageCount(ready: 3, delayed: 0, claimed: 0))
            let subscription = try await queue.subscribe()
            let delivery = try await subscription.take()
            try require((try await queue.count()).claimed >= 1, "a message in hand must be counted as claimed")
            try require("all messages", try await queue.total(), is: 3)
            try await subscription.settle(delivery, .failed)
            try require("the messages that wait", try await queue.count().delayed, is: 1)
            try require("all messages", try await queue.total(), is: 3)
            for _ in 0..<2 { try await subscription.settleNext(.acknowledged) }
            try require("what is left", try await queue.count(), is: MessageCount(ready: 0, delayed: 1, claimed: 0))
        }
    }

    static func load(_ test: QueueBench) async throws {
        let queue = try test.queue(delay: .milliseconds(20))
        let (publishers, each) = (4, 50)
        let messages = HandledMessages()
        try await test.running {
            var subscriptions: [BenchSubscription] = []
            for _ in 0..<3 { subscriptions.append(try await queue.subscribe(prefetch: 5)) }
            let workers = Array(repeating: subscriptions, count: 2).joined().map { subscription in
                Task {
                    while let delivery = try await subscription.subscription.next() {
                        try await messages.handle(delivery, of: subscription)
                    }
                }
            }
            defer { for worker in workers { worker.cancel() } }
            let publishing = (0..<publishers).map { publisher in
                Task { try await queue.publish(publisher * each..<(publisher + 1) * each) }
            }
            for task in publishing { try await task.value }
            try await test.whileTimePasses {
                try await test.patience.eventually("all \(publishers * each) messages are handled") {
                    messages.handled.count >= publishers * each
                }
            }
            for subscription in subscriptions { try await subscription.close() }
            for worker in workers { try await test.patience.outcome(of: "a worker of a closed subscription", worker) }
            try require("what is left", try await queue.total(), is: 0)
        }
        try require("the messages that were handled", messages.handled, is: Array(0..<publishers * each))
        try require("the messages that two workers had at once", messages.shared, is: [])
    }

    static func interleavings(_ test: QueueBench) async throws {
        let letters = try test.queue("letters")
        for seed in 1...UInt64(5) {
            let queue = try test.queue(
                "tasks-\(seed)", delay: .milliseconds(1), deadLetters: (letters.id, letters.queue), maxAttempts: 3)
            try await test.running {
                try await test.whileTimePasses {
                    try await QueueInterleavings(seed: seed, maxAttempts: 3, limit: test.patience.limit)
                        .check([queue.queue], deadLetters: letters.queue)
                }
            }
        }
    }

    /// Records the messages that workers have, and the messages that were handled.
    private final class HandledMessages: Sendable {
        private struct State {
            var inHand: Set<Int> = []
            var handled: [Int] = []
            var shared: [Int] = []
        }

        private let state = Mutex(State())

        var handled: [Int] { state.withLock { $0.handled.sorted() } }
        var shared: [Int] { state.withLock { $0.shared } }

        /// Handles a message.
        ///
        /// Every third message is rejected the first time.
        func handle(_ delivery: Delivery, of subscription: BenchSubscription) async throws {
            let number = delivery.message.body.integer ?? -1
            state.withLock { state in
                if !state.inHand.insert(number).inserted { state.shared.append(number) }
            }
            await Task.yield()
            let isHandled = delivery.attempt > 1 || !number.isMultiple(of: 3)
            state.withLock { state in
                state.inHand.remove(number)
                if isHandled { state.handled.append(number) }
            }
            try await subscription.settle(delivery, isHandled ? .acknowledged : .failed)
        }
    }

    static func cancelledPublisher(_ test: QueueBench) async throws {
        let queue = try test.queue()
        try await test.running {
            let publishing = inCancelledTask { try await queue.queue.publish(Message(body: 0)) }
            try await require("publishing in a cancelled task", throws: CancellationError.self) {
                _ = try await test.patience.outcome(of: "publishing in a cancelled task", publishing)
            }
            try require("the messages that it has left", try await queue.total(), is: 0)
        }
    }

    static func cancelledWorker(_ test: QueueBench) async throws {
        let queue = try test.queue()
        try await test.running {
            let subscription = try await queue.subscribe()
            let waiting = Task { try await subscription.subscription.next() }
            waiting.cancel()
            try await test.endsCancelled(waiting)
            try await queue.publish(0..<1)
            try await test.endsCancelled(inCancelledTask { try await subscription.subscription.next() })
            let delivery = try await subscription.take()
            try require("the message", delivery.message.body, is: 0)
            try require("its attempt", delivery.attempt, is: 1)
        }
    }

    static func meeting(_ test: QueueBench) async throws {
        let queue = try test.queue()
        try await test.running {
            let subscription = try await queue.subscribe()
            for number in 0..<100 {
                let worker = Task { try await subscription.subscription.next() }
                let publisher = Task { try await queue.publish(number..<number + 1) }
                // The cancellation comes before the message is published, at about the same time, or after it.
                switch number % 3 {
                case 0: break
                case 1: await Task.yield()
                default: try await publisher.value
                }
                worker.cancel()
                try await publisher.value
                let outcome = try await test.patience.outcome(of: "'next' of a cancelled task") { await worker.result }
                let delivery: Delivery
                if let taken = try? outcome.get() { delivery = taken } else { delivery = try await subscription.take() }
                try require("the message", delivery.message.body, is: .integer(number))
                try require("its attempt", delivery.attempt, is: 1)
                try await subscription.settle(delivery, .acknowledged)
            }
        }
    }
}

extension QueueBench {
    /// Requires that a cancelled call of `next` throws `CancellationError`.
    func endsCancelled(_ worker: Task<Delivery?, any Error>) async throws {
        try await require("'next' of a cancelled task", throws: CancellationError.self) {
            _ = try await patience.outcome(of: "'next' of a cancelled task", worker)
        }
    }
}
