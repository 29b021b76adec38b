import WippyMessaging
import WippyRuntime
import WippyTestTools
import WippyValues

// The end of a delivery and of a subscription.
extension QueueDriverConformance {
    static func acknowledged(_ test: QueueBench) async throws {
        let queue = try test.queue()
        try await test.running {
            try await queue.publish(0..<1)
            try await queue.subscribe().settleNext(.acknowledged)
            try require("what is left", try await queue.total(), is: 0)
        }
    }

    static func rejected(_ test: QueueBench) async throws {
        let queue = try test.queue()
        try await test.running {
            try await queue.publish(0..<1)
            let subscription = try await queue.subscribe()
            let first = try await subscription.take()
            var last = first
            for attempts in 1...3 {
                let start = test.clock.now
                try await subscription.settle(last, .failed)
                last = try await test.whileTimePasses { try await subscription.take() }
                let delay = test.clock.now - start
                try require(
                    delay >= QueueBench.delay, "it must come after \(QueueBench.delay), and came after \(delay)")
                try require("its id", last.message.id, is: first.message.id)
                try require("its body", last.message.body, is: first.message.body)
                try require("its attempt", last.attempt, is: attempts + 1)
                try require("the attempts before", last.message.attempts, is: attempts)
            }
        }
    }

    static func triedForEver(_ test: QueueBench) async throws {
        let queue = try test.queue(delay: .milliseconds(1))
        try await test.running {
            try await queue.publish(0..<1)
            let subscription = try await queue.subscribe()
            try await test.whileTimePasses {
                for attempt in 1...12 {
                    try require("the attempt", try await subscription.settleNext(.failed).attempt, is: attempt)
                }
            }
        }
    }

    static func returned(_ test: QueueBench) async throws {
        let letters = DeadLetterQueue()
        let queue = try test.queue(deadLetters: (letters.id, letters))
        try await test.running {
            try await queue.publish(0..<1)
            let subscription = try await queue.subscribe()
            for _ in 0..<5 {
                let delivery = try await subscription.settleNext(.returned)
                try require("the attempt", delivery.attempt, is: 1)
                try require("the attempts before", delivery.message.attempts, is: 0)
            }
            try require("the dead letters", letters.messages.count, is: 0)
        }
    }

    static func settledOnce(_ test: QueueBench) async throws {
        let all: [Settlement] = [.acknowledged, .failed, .returned]
        let queue = try test.queue()
        try await test.running {
            let subscription = try await queue.subscribe()
            func settle(_ delivery: Delivery, _ settlement: Settlement, again later: [Settlement]) async throws {
                try require("the first 'settle'", try await subscription.settle(delivery, settlement), is: true)
                for settlement in later {
                    try require("a later 'settle'", try await subscription.settle(delivery, settlement), is: false)
                }
            }
            try await queue.publish(0..<1)
            let done = try await subscription.take()
            try await settle(done, .acknowledged, again: all)
            try require("what is left of an acknowledged message", try await queue.total(), is: 0)

            try await queue.publish(1..<2)
            let returned = try await subscription.take()
            try await settle(returned, .returned, again: all)
            try require("what is left of a returned message", try await queue.total(), is: 1)
            let rejected = try await subscription.take()
            try require("its attempt", rejected.attempt, is: 1)
            try await settle(rejected, .failed, again: all)
            try require("what is left of a rejected message", try await queue.total(), is: 1)
            let last = try await test.whileTimePasses { try await subscription.settleNext(.acknowledged) }
            try require("its attempt", last.attempt, is: 2)
        }
    }

    static func settledLate(_ test: QueueBench) async throws {
        let queue = try test.queue()
        try await test.running {
            try await queue.publish(0..<1)
            let subscription = try await queue.subscribe()
            let early = try await subscription.settleNext(.returned)
            let late = try await subscription.take()
            try await subscription.settle(early, .acknowledged)
            try require("what is left", try await queue.total(), is: 1)
            try await subscription.settle(late, .failed)
            let last = try await test.whileTimePasses { try await subscription.settleNext(.acknowledged) }
            try require("its attempt", last.attempt, is: 2)
        }
    }

    static func settledInCancelledTask(_ test: QueueBench) async throws {
        let queue = try test.queue()
        try await test.running {
            let subscription = try await queue.subscribe()
            try await queue.publish(0..<1)
            for (settlement, attempt) in [(Settlement.failed, 1), (.acknowledged, 2)] {
                let delivery = try await test.whileTimePasses { try await subscription.take() }
                try require("the message's attempt", delivery.attempt, is: attempt)
                let settling = inCancelledTask {
                    try await subscription.subscription.settle(delivery, settlement)
                }
                _ = try await test.patience.outcome(of: "'settle' in a cancelled task", settling)
            }
            try require("what is left", try await queue.total(), is: 0)
        }
    }

    static func closed(_ test: QueueBench) async throws {
        let queue = try test.queue()
        try await test.running {
            let subscription = try await queue.subscribe()
            let waiting = (0..<3).map { _ in Task { try await subscription.next() } }
            try await subscription.close()
            for worker in waiting { try require("'next' that waited", try await worker.value?.message.body, is: nil) }
            try await queue.publish(0..<1)
            try require("'next' of a closed subscription", try await subscription.next()?.message.body, is: nil)
            try require("the message for another", try await queue.subscribe().take().message.body, is: 0)
        }
    }

    static func prefetchedGoesBack(_ test: QueueBench) async throws {
        let queue = try test.queue()
        try await test.running {
            try await queue.publish(0..<5)
            let subscription = try await queue.subscribe(prefetch: 4)
            try await subscription.settleNext(.acknowledged)
            try await subscription.close()
            try require("what was given back", try await queue.count().ready, is: 4)
            let other = try await queue.subscribe()
            var numbers: [Int?] = []
            for _ in 0..<4 {
                let delivery = try await other.settleNext(.acknowledged)
                try require("the attempt of a message that was prefetched", delivery.attempt, is: 1)
                numbers.append(delivery.message.body.integer)
            }
            try require("what another subscription gets", Set(numbers), is: [1, 2, 3, 4])
        }
    }

    static func settledAfterClose(_ test: QueueBench) async throws {
        let queue = try test.queue()
        try await test.running {
            try await queue.publish(0..<2)
            let subscription = try await queue.subscribe()
            let (done, failed) = (try await subscription.take(), try await subscription.take())
            try await subscription.close()
            try require("what workers have in hand", try await queue.count().claimed, is: 2)
            try await subscription.settle(done, .acknowledged)
            try await subscription.settle(failed, .failed)
            let other = try await queue.subscribe()
            let last = try await test.whileTimePasses { try await other.settleNext(.acknowledged) }
            try require("the rejected message", last.message.id, is: failed.message.id)
            try require("its attempt", last.attempt, is: 2)
            try require("what is left", try await queue.total(), is: 0)
        }
    }

    static func closedInCancelledTask(_ test: QueueBench) async throws {
        let queue = try test.queue()
        try await test.running {
            try await queue.publish(0..<3)
            let subscription = try await queue.subscribe(prefetch: 3)
            try await subscription.settleNext(.acknowledged)
            for _ in 0..<2 {
                let closing = inCancelledTask { await subscription.subscription.close() }
                try await test.patience.outcome(of: "'close' in a cancelled task", closing)
            }
            try require("'next' of a closed subscription", try await subscription.next()?.message.body, is: nil)
            try require("what was given back", try await queue.count().ready, is: 2)
        }
    }
}
