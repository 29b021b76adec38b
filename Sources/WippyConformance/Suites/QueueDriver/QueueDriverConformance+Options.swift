import WippyMessaging
import WippyRuntime
import WippyTestTools
import WippyValues

// The options of messages, each of which a driver supports or refuses.
extension QueueDriverConformance {
    private static let time = Duration.milliseconds(300)
    private static let written = Value.string("300ms")

    static func refusedOptions(_ test: QueueBench) async throws {
        let queue = try test.queue()
        try await test.running {
            for option in MessageOption.allCases where option.isDecisive && !test.supports(option) {
                let message = Message(body: 0, headers: [option.header: option == .uniqueKey ? "key" : written])
                let atOnce = (try? queue.queue.publishAtOnce(message)) ?? false
                try require(!atOnce, "'publishAtOnce' must not accept the header '\(option.header)'")
                let error = try await require("the header '\(option.header)'", throws: WippyError.self) {
                    try await queue.publish(message)
                }
                try require("the error's kind", error.kind, is: .invalid)
                try require("whether it may be tried again", error.isRetryable, is: false)
                var letter = message
                letter.headers[MessageHeader.originalQueue] = "conformance:other"
                try await queue.publish(letter)
                let delivery = try await queue.subscribe().settleNext(.acknowledged)
                try require("the dead letter of another queue", delivery.message.id, is: letter.id)
            }
            try require("what is left", try await queue.total(), is: 0)
        }
    }

    static func delayOption(_ test: QueueBench) async throws {
        guard test.supports(.delay) else { return }
        let queue = try test.queue()
        try await test.running {
            let start = test.clock.now
            try await queue.publish(1..<2)
            try await queue.publish(Message(body: 0, headers: [MessageOption.delay.header: written]))
            try require("the messages that wait", try await queue.count().delayed, is: 1)
            let subscription = try await queue.subscribe()
            try require("the first message", try await subscription.settleNext(.acknowledged).message.body, is: 1)
            let delayed = try await test.whileTimePasses { try await subscription.settleNext(.acknowledged) }
            try require("the other message", delayed.message.body, is: 0)
            let delay = test.clock.now - start
            try require(delay >= time, "it must come after \(time), and came after \(delay)")
        }
    }

    static func priorityOption(_ test: QueueBench) async throws {
        let queue = try test.queue()
        let priorities = [3, 9, 0]
        try await test.running {
            for priority in priorities {
                try await queue.publish(
                    Message(
                        body: .integer(priority), headers: [MessageOption.priority.header: .integer(priority)]))
            }
            let subscription = try await queue.subscribe()
            for priority in test.supports(.priority) ? priorities.sorted(by: >) : priorities {
                let delivery = try await subscription.settleNext(.acknowledged)
                try require("the message", delivery.message.body, is: .integer(priority))
            }
        }
    }

    static func timeToLiveOption(_ test: QueueBench) async throws {
        guard test.supports(.timeToLive) else { return }
        let queue = try test.queue()
        try await test.running {
            try await queue.publish(Message(body: 0, headers: [MessageOption.timeToLive.header: written]))
            try await queue.publish(1..<2)
            try await test.whileTimePasses { try await test.clock.sleep(for: time * 2) }
            let delivery = try await queue.subscribe().settleNext(.acknowledged)
            try require("the message that may wait", delivery.message.body, is: 1)
            try await test.patience.eventually("no message is left") { try await queue.total() == 0 }
        }
    }

    static func uniqueOptions(_ test: QueueBench) async throws {
        guard test.supports(.uniqueKey) else { return }
        let queue = try test.queue()
        func publish(_ key: String, isKept: Bool = true) async throws {
            var headers: ValueMap = [MessageOption.uniqueKey.header: .string(key)]
            if test.supports(.uniquePeriod) { headers[MessageOption.uniquePeriod.header] = written }
            let result = try await queue.publish(Message(body: .string(key), headers: headers))
            try require("the result of 'publish'", result, is: isKept)
        }
        try await test.running {
            try await publish("a")
            try await publish("a", isKept: false)
            try await publish("b")
            try require("the messages with two keys", try await queue.total(), is: 2)
            let subscription = try await queue.subscribe()
            for key in ["a", "b"] {
                let delivery = try await subscription.settleNext(.acknowledged)
                try require("the message", delivery.message.body, is: .string(key))
            }
            guard test.supports(.uniquePeriod) else { return }
            try await test.whileTimePasses { try await test.clock.sleep(for: time * 2) }
            try await publish("a")
            try require("the messages after 'unique_period'", try await queue.total(), is: 1)
        }
    }

    /// Tests a queue for dead letters of the same driver, and one of another driver.
    static func uniqueOptionOfDeadLetter(_ test: QueueBench) async throws {
        guard test.supports(.uniqueKey), test.supports(.uniquePeriod) else { return }
        let (dead, elsewhere) = (try test.queue("dead"), DeadLetterQueue())
        let queues = [
            try test.queue("tasks", deadLetters: (dead.id, dead.queue), maxAttempts: 1),
            try test.queue("others", deadLetters: (elsewhere.id, elsewhere), maxAttempts: 1),
        ]
        let message = Message(
            body: 0, headers: [MessageOption.uniqueKey.header: "a", MessageOption.uniquePeriod.header: "1h"])
        try await test.running {
            for queue in queues {
                try await queue.publish(message)
                try await queue.subscribe().settleNext(.failed)
            }
            try await test.patience.eventually("the letters come") {
                try await dead.total() == 1 && elsewhere.messages.count == 1
            }
            for queue in queues {
                try await queue.publish(message)
                try require("the messages with the key of a dead letter", try await queue.total(), is: 0)
            }
        }
    }
}
