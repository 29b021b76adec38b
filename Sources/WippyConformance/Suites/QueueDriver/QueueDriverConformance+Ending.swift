import Synchronization
import WippyDefinition
import WippyLog
import WippyMessaging
import WippyRuntime
import WippyTestTools
import WippyValues

/// A queue before another one, which notes the messages of which it learns.
private final class FrontQueue: WrappingQueue {
    let wrapped: any MessageQueue
    private let ids = Mutex<[UniqueID]>([])

    init(wrapped: any MessageQueue) { self.wrapped = wrapped }

    var accepted: [UniqueID] { ids.withLock { $0 } }

    func didAccept(_ message: Message) { ids.withLock { $0.append(message.id) } }
}

// Dead letters.
extension QueueDriverConformance {
    static func deadLetter(_ test: QueueBench) async throws {
        let dead = try test.queue("dead")
        let queue = try test.queue(deadLetters: (dead.id, dead.queue))
        try await test.running {
            let message = Message(body: ["title": "x"], headers: ["trace": "1"])
            try await queue.publish(message)
            let subscription = try await queue.subscribe()
            try await test.whileTimePasses { for _ in 0..<2 { try await subscription.settleNext(.failed) } }
            let letter = try await dead.subscribe().take()
            try check(letter.message, isLetterOf: message, from: queue.id)
            try require("the letter's queue", letter.queue, is: dead.id)
            try require("the letter's attempt", letter.attempt, is: 1)
            try require("what is left in its old queue", try await queue.total(), is: 0)
        }
    }

    /// Checks a driver that finds its own queue behind another one: it must tell the other one.
    static func wrappedDeadLetter(_ test: QueueBench) async throws {
        let dead = try test.queue("dead")
        let front = FrontQueue(wrapped: dead.queue)
        let queue = try test.queue(deadLetters: (dead.id, front), maxAttempts: 1)
        try await test.running {
            try await queue.publish(0..<1)
            try await queue.subscribe().settleNext(.failed)
            let letter = try await test.whileTimePasses { try await dead.subscribe().take() }
            try await test.patience.eventually("the queue before it learns of the letter") {
                front.accepted == [letter.message.id]
            }
        }
    }

    static func deadLetterElsewhere(_ test: QueueBench) async throws {
        let letters = DeadLetterQueue()
        let queue = try test.queue(deadLetters: (letters.id, letters))
        try await test.running {
            let message = Message(body: ["title": "x"], headers: ["trace": "1"])
            try await queue.publish(message)
            let subscription = try await queue.subscribe()
            try await test.whileTimePasses { for _ in 0..<2 { try await subscription.settleNext(.failed) } }
            try await test.patience.eventually("the letter comes") { !letters.messages.isEmpty }
            try check(letters.messages[0], isLetterOf: message, from: queue.id)
            try await test.patience.eventually("the message is gone") { try await queue.total() == 0 }
            try require("the number of letters", letters.messages.count, is: 1)
        }
    }

    private static func check(_ letter: Message, isLetterOf message: Message, from queue: EntryID) throws {
        try require("the letter's id", letter.id, is: message.id)
        try require("the letter's body", letter.body, is: message.body)
        try require("the letter's attempts", letter.attempts, is: 0)
        let headers =
            [
                "trace": "1", MessageHeader.originalQueue: .string(queue.description), MessageHeader.attempts: 2,
                MessageHeader.deadLetterReason: "the handler failed",
            ] as ValueMap
        for header in headers {
            try require("the letter's header '\(header.key)'", letter.headers[header.key], is: header.value)
        }
        try require(
            letter.headers[MessageHeader.deadLetterTime]?.string != nil,
            "the letter must have a header '\(MessageHeader.deadLetterTime)'")
    }

    static func refusedDeadLetter(_ test: QueueBench) async throws {
        let letters = DeadLetterQueue(isOpen: false)
        let queue = try test.queue(deadLetters: (letters.id, letters), maxAttempts: 1)
        try await test.running {
            try await queue.publish(0..<1)
            let subscription = try await queue.subscribe()
            let worker = Task { while true { try await subscription.settleNext(.failed) } }
            defer { worker.cancel() }
            try await test.patience.eventually("the letter is offered") { letters.refusals >= 1 }
            try await test.patience.eventually("a message that is refused is kept") {
                try await queue.total() == 1
            }
            letters.open()
            try await test.whileTimePasses {
                try await test.patience.eventually("the letter is offered again") { !letters.messages.isEmpty }
            }
            try await test.patience.eventually("the message is gone") { try await queue.total() == 0 }
            try require("the number of letters", letters.messages.count, is: 1)
        }
    }
}

// A dead letter whose queue hangs.
extension QueueDriverConformance {
    static func hangingDeadLetters(_ test: QueueBench) async throws {
        let letters = DeadLetterQueue(hangs: true)
        let queue = try test.queue(deadLetters: (letters.id, letters), maxAttempts: 1)
        try await test.running {
            try await queue.publish(0..<1)
            let subscription = try await queue.subscribe()
            _ = try await test.whileTimePasses { try await subscription.settleNext(.failed) }
            try require("the message that stays", try await queue.total(), is: 1)
            letters.open()
            // A driver may move the message without another attempt.
            let worker = Task { while true { try await subscription.settleNext(.failed) } }
            defer { worker.cancel() }
            try await test.whileTimePasses {
                try await test.patience.eventually("the letter comes") { !letters.messages.isEmpty }
            }
            try await test.patience.eventually("the message is gone") { try await queue.total() == 0 }
        }
    }
}

// Draining and stopping.
extension QueueDriverConformance {
    static func drainCounts(_ test: QueueBench) async throws {
        let dead = try test.queue("dead")
        let queue = try test.queue(deadLetters: (dead.id, dead.queue), maxAttempts: 1)
        try await test.running {
            let subscription = try await queue.subscribe()
            let (before, letters) = (try await queue.drain(until: .zero), try await dead.drain(until: .zero))
            try await queue.publish(0..<3)
            try await subscription.settleNext(.acknowledged)
            try await subscription.settleNext(.failed)
            try await subscription.settleNext(.acknowledged)
            for _ in 0..<2 {
                try require("what was accepted", try await queue.drain(until: .zero), is: before + 3)
            }
            let letter = try await dead.subscribe()
            try await letter.settleNext(.acknowledged)
            try require("the letters that were accepted", try await dead.drain(until: .zero), is: letters + 1)
        }
    }

    static func cancelledDrain(_ test: QueueBench) async throws {
        let queue = try test.queue()
        try await test.running {
            try await queue.publish(0..<1)
            let draining = Task { await queue.queue.drain(until: .seconds(86_400)) }
            draining.cancel()
            _ = try await test.patience.outcome(of: "a cancelled 'drain'") { await draining.value }
        }
    }

    static func stopped(_ test: QueueBench) async throws {
        let queue = try test.queue()
        try await test.running { try await queue.publish(0..<1) }
        try await test.isUnavailable { try await queue.publish(1..<2) }
    }

    static func runsAgain(_ test: QueueBench) async throws {
        let queue = try test.queue()
        for round in 0..<3 {
            try await test.running {
                let subscription = try await queue.subscribe()
                try await queue.publish(round..<round + 1)
                let delivery = try await subscription.settleNext(.acknowledged)
                try require("the message", delivery.message.body, is: .integer(round))
                try await subscription.close()
            }
        }
    }

    static func drains(_ test: QueueBench) async throws {
        let queue = try test.queue()
        try await test.running {
            let subscription = try await queue.subscribe()
            try await queue.publish(0..<2)
            let left = Task {
                _ = try await queue.drain(until: test.clock.now + .seconds(86_400))
                return try await queue.total()
            }
            try await subscription.settleNext(.acknowledged)
            let delivery = try await subscription.take()
            try await subscription.settle(delivery, .failed)
            let last = try await test.whileTimePasses { try await subscription.take() }
            try await subscription.settle(last, .acknowledged)
            try require("what is left when the drain ends", try await left.value, is: 0)

            try await queue.publish(2..<3)
            try await subscription.settleNext(.failed)
            _ = try await queue.drain(until: test.clock.now)
        }
    }

    static func countsLost(_ test: QueueBench) async throws {
        let (queue, other) = (try test.queue(), try test.queue("other"))
        try await test.running {
            try await queue.publish(0..<3)
            try await other.publish(0..<1)
            _ = try await queue.subscribe().take()
        }
        for (queue, left) in [(queue, 3), (other, 1)] {
            let isSaid = test.log.records.contains { record in
                record.level == .warning && record.entry == queue.id.description
                    && record.metadata["count"] == LogValue(left)
            }
            try require(isSaid, "a warning of \(queue.id) must say 'count': \(left), got \(test.log.records)")
        }
    }

    static func drainsAtOnce(_ test: QueueBench) async throws {
        let queue = try test.queue()
        try await test.running {
            try await queue.publish(0..<2)
            _ = try await queue.subscribe().take()
            try require("what was accepted", try await queue.drain(until: .seconds(86_400)), is: 2)
        }
    }

    static func madeWhileRunning(_ test: QueueBench) async throws {
        try await test.running {
            let queue = try test.queue("late")
            try await queue.publish(0..<1)
            let subscription = try await queue.subscribe()
            try await subscription.settleNext(.failed)
            let last = try await test.whileTimePasses { try await subscription.settleNext(.acknowledged) }
            try require("the attempt of the rejected message", last.attempt, is: 2)
            try require("what is left", try await queue.total(), is: 0)
        }
    }

    static func madeOnceMore(_ test: QueueBench) async throws {
        let before = try test.queue()
        try await test.running {
            try await before.publish(0..<2)
            let queue = try test.queue()
            let subscription = try await queue.subscribe()
            for number in 0..<2 {
                let delivery = try await test.whileTimePasses { try await subscription.settleNext(.acknowledged) }
                try require("which message comes", delivery.message.body.integer, is: number)
            }
            try require("what is left", try await queue.total(), is: 0)
        }
    }

    static func madeAnew(_ test: QueueBench) async throws {
        let queue = try test.queue()
        try await test.running {
            try await queue.publish(0..<4)
            let subscription = try await queue.subscribe()
            try await subscription.settleNext(.acknowledged)
            try await subscription.settleNext(.failed)
            _ = try await subscription.take()
        }
        let anew = try await test.madeAnew()
        let same = try anew.queue()
        try await anew.running {
            try require("the messages of the one before", try await same.total(), is: 3)
            let subscription = try await same.subscribe()
            var attempts: [Int: Int] = [:]
            for _ in 0..<3 {
                let delivery = try await anew.whileTimePasses { try await subscription.settleNext(.acknowledged) }
                attempts[delivery.message.body.integer ?? -1] = delivery.attempt
            }
            try require("which messages come", attempts.keys.sorted(), is: [1, 2, 3])
            try require("the attempt of the rejected message", attempts[1], is: 2)
            try require("the attempt of the message that nobody had", attempts[3], is: 1)
        }
        let last = try await anew.madeAnew()
        let empty = try last.queue()
        try await last.running { try require("what is left", try await empty.total(), is: 0) }
    }
}

// Full queues.
extension QueueDriverConformance {
    static func waitsForRoom(_ test: QueueBench) async throws {
        let queue = try test.queue(isFullWithOne: true)
        try await test.running {
            try await queue.publish(0..<1)
            let waiting = (1..<4).map { number in Task { try await queue.publish(number..<number + 1) } }
            let subscription = try await queue.subscribe()
            for _ in 0..<4 { try await subscription.settleNext(.acknowledged) }
            for publisher in waiting { try await publisher.value }
            try require("what is left", try await queue.total(), is: 0)
        }
    }

    static func publishTimeout(_ test: QueueBench) async throws {
        let queue = try test.queue(publishTimeout: .milliseconds(300), isFullWithOne: true)
        try await test.running {
            try await queue.publish(0..<1)
            let before = test.clock.now
            try await test.whileTimePasses { try await test.isUnavailable { try await queue.publish(1..<2) } }
            let time = test.clock.now - before
            try require(time >= .milliseconds(300), "it must wait for 300ms, and has waited for \(time)")
            try require("the messages of a full queue", try await queue.total(), is: 1)
        }
    }

    static func noPublishTimeout(_ test: QueueBench) async throws {
        let queue = try test.queue(publishTimeout: .zero, isFullWithOne: true)
        try await test.running {
            try await queue.publish(0..<1)
            try await test.isUnavailable { try await queue.publish(1..<2) }
            try require("the messages of a full queue", try await queue.total(), is: 1)
        }
    }

    static func cancelledWaitForRoom(_ test: QueueBench) async throws {
        let queue = try test.queue(isFullWithOne: true)
        try await test.running {
            try await queue.publish(0..<1)
            for round in 0..<20 {
                let waiting = Task { try await queue.queue.publish(Message(body: 1)) }
                if !round.isMultiple(of: 3) { await Task.yield() }
                waiting.cancel()
                try await require("a cancelled 'publish'", throws: CancellationError.self) {
                    _ = try await test.patience.outcome(of: "a cancelled 'publish'", waiting)
                }
            }
            try await queue.subscribe().settleNext(.acknowledged)
            try require("what cancelled publishers have left", try await queue.total(), is: 0)
        }
    }

    static func stoppedWaitForRoom(_ test: QueueBench) async throws {
        let queue = try test.queue(publishTimeout: .seconds(1), isFullWithOne: true)
        var publishers: [Task<Void, any Error>] = []
        try await test.running {
            try await queue.publish(0..<1)
            for number in 1..<20 {
                publishers.append(Task { try await queue.publish(number..<number + 1) })
                // Some wait already when the service stops, and some come then.
                if !number.isMultiple(of: 3) { await Task.yield() }
            }
        }
        try await test.whileTimePasses {
            for publisher in publishers { try await test.isUnavailable { try await publisher.value } }
        }
    }

    static func rejectedIntoFullQueue(_ test: QueueBench) async throws {
        let queue = try test.queue(isFullWithOne: true)
        try await test.running {
            let subscription = try await queue.subscribe()
            try await queue.publish(0..<1)
            let delivery = try await subscription.take()
            let other = Task { try await queue.publish(1..<2) }
            try await subscription.settle(delivery, .failed)
            var numbers: [Int?] = []
            for _ in 0..<2 {
                let next = try await test.whileTimePasses { try await subscription.settleNext(.acknowledged) }
                numbers.append(next.message.body.integer)
            }
            try await other.value
            try require("what comes", Set(numbers), is: [0, 1])
        }
    }

    static func deadLetterIntoFullQueue(_ test: QueueBench) async throws {
        let dead = try test.queue("dead", isFullWithOne: true)
        let queue = try test.queue(deadLetters: (dead.id, dead.queue), maxAttempts: 1)
        try await test.running {
            try await queue.publish(0..<3)
            let subscription = try await queue.subscribe()
            let worker = Task { while true { try await subscription.settleNext(.failed) } }
            defer { worker.cancel() }
            let letters = try await dead.subscribe()
            var numbers: [Int?] = []
            for _ in 0..<3 {
                let letter = try await test.whileTimePasses { try await letters.settleNext(.acknowledged) }
                numbers.append(letter.message.body.integer)
            }
            try require("the letters", Set(numbers), is: [0, 1, 2])
            try await test.patience.eventually("the messages are gone") { try await queue.total() == 0 }
        }
    }
}

extension QueueBench {
    /// Requires that a call throws `Unavailable` and may be tried again.
    func isUnavailable(_ body: () async throws -> Void) async throws {
        let error = try await require("'publish'", throws: WippyError.self, body)
        try require("the error's kind", error.kind, is: .unavailable)
        try require("whether it may be tried again", error.isRetryable, is: true)
    }
}
