import Testing
import WippyMessaging
import WippyRuntime

@testable import WippyQueue

@Suite("The memory queue as a value: dead letters, and the end of subscriptions and drivers")
struct QueueEndingTests {
    @Test("A message is a dead letter after its last attempt and not before")
    func deadLetter() {
        var queue = NamedState(retry: QueueRetry(initialDelay: .seconds(1), jitter: 0), maxAttempts: 5, messages: 1)
        let worker = queue.subscribe()
        var now = Duration.zero
        for attempt in 1...5 {
            now += .seconds(60)
            _ = queue.advance(to: now)
            let next = queue.next(worker)
            #expect(next?.attempt == attempt)
            let settling = queue.reject(next?.receipt ?? 0, now: now, draw: 0)
            #expect((settling.deadLetter?.attempts == 5) == (attempt == 5))
            if attempt == 5 {
                #expect(queue.count == MessageCount(ready: 0, delayed: 0, claimed: 1))
                _ = queue.moved(next?.receipt ?? 0)
            }
        }
        #expect(queue.count == MessageCount(ready: 0, delayed: 0, claimed: 0))
    }

    @Test("A dead letter for which there is no room is tried again, and offered again")
    func keptDeadLetter() {
        var queue = NamedState(maxAttempts: 2, messages: 1)
        let worker = queue.subscribe()
        _ = queue.reject(queue.next(worker)?.receipt ?? 0, now: .zero, draw: 0)
        let receipt = queue.next(worker)?.receipt ?? 0
        #expect(queue.reject(receipt, now: .zero, draw: 0).deadLetter != nil)
        #expect(queue.keep(receipt, now: .zero, draw: 0).due == .milliseconds(100))
        _ = queue.advance(to: .milliseconds(100))
        let third = queue.next(worker)
        #expect(third?.attempt == 3)
        #expect(queue.reject(third?.receipt ?? 0, now: .zero, draw: 0).deadLetter?.attempts == 3)
    }

    @Test("Without a dead-letter queue there is no last attempt")
    func noDeadLetters() {
        var queue = NamedState(messages: 1)
        let worker = queue.subscribe()
        for attempt in 1...100 {
            _ = queue.advance(to: .seconds(100 * attempt))
            let next = queue.next(worker)
            #expect(next?.attempt == attempt)
            #expect(queue.reject(next?.receipt ?? 0, now: .seconds(100 * attempt), draw: 0).deadLetter == nil)
        }
    }

    @Test("A queue is drained when nothing is ready and nothing is in hand, which may come back or bring new messages")
    func drain() {
        var queue = NamedState(messages: 2)
        let subscription = queue.subscribe()
        #expect(queue.waitToDrain("z") == true)
        let (first, second) = (queue.next(subscription)?.receipt ?? 0, queue.next(subscription)?.receipt ?? 0)
        #expect(queue.acknowledge(first).drained == [])
        #expect(queue.publish(.number(2)).isAccepted)
        #expect(queue.acknowledge(second).drained == [])
        let third = queue.next(subscription)?.receipt ?? 0
        #expect(queue.reject(third, now: .zero, draw: 0).drained == [])
        let again = queue.next(subscription)?.receipt ?? 0
        #expect(queue.acknowledge(again).drained == ["z"])
        #expect(queue.accepted == 3)
        #expect(queue.waitToDrain("y") == false)
    }

    @Test("A dead letter on its way is waited for, and so is a retry that is due before the deadline and no other")
    func drainWaitsForRetries() {
        var queue = NamedState(
            retry: QueueRetry(initialDelay: .seconds(1), backoffFactor: 100, jitter: 0), maxAttempts: 3, messages: 2)
        let subscription = queue.subscribe()
        #expect(queue.waitToDrain("z", until: .seconds(10)) == true)
        let (first, second) = (queue.next(subscription)?.receipt ?? 0, queue.next(subscription)?.receipt ?? 0)
        #expect(queue.reject(first, now: .zero, draw: 0).drained == [])
        #expect(queue.acknowledge(second).drained == [])
        _ = queue.advance(to: .seconds(1))
        let retried = queue.next(subscription)?.receipt ?? 0
        #expect(queue.reject(retried, now: .seconds(1), draw: 0).drained == ["z"])
        #expect(queue.count == MessageCount(ready: 0, delayed: 1, claimed: 0))
        #expect(queue.waitToDrain("y", until: .seconds(102)) == true)
        _ = queue.advance(to: .seconds(101))
        let last = queue.next(subscription)?.receipt ?? 0
        #expect(queue.reject(last, now: .seconds(101), draw: 0).drained == [])
        #expect(queue.moved(last).drained == ["y"])
    }

    @Test("A drainer that gives up is not told later")
    func cancelDrainer() {
        var queue = NamedState(messages: 1)
        let ticket = queue.makeKey()
        #expect(queue.drain("z", ticket: ticket, until: .seconds(1)) == true)
        #expect(queue.cancelDrainer(ticket) == "z")
        #expect(queue.cancelDrainer(ticket) == nil)
        let receipt = queue.next(queue.subscribe())?.receipt ?? 0
        #expect(queue.acknowledge(receipt).drained == [])
    }

    @Test("Closing a subscription ends its workers' wait and leaves the messages to others")
    func close() {
        var queue = NamedState(messages: 1)
        let (closed, other) = (queue.subscribe(), queue.subscribe())
        let receipt = queue.next(closed)?.receipt ?? 0
        #expect(queue.wait("a", closed).isWaiting)
        #expect(queue.wait("b", other).isWaiting)
        #expect(queue.close(closed) == ["a"])
        #expect(queue.wait("a", closed).isEnded)
        let handover = queue.giveBack(receipt).handover
        #expect(handover?.worker == "b")
        #expect(handover?.delivery.attempt == 1)
    }

    @Test("Before its driver runs a queue accepts what it has room for, and lets nobody wait")
    func beforeTheDriver() {
        var queue = NamedState(maxLength: 1, phase: .waiting)
        #expect(queue.waitToPublish("a", 0).isAccepted)
        #expect(queue.waitToPublish("b", 1).isRefused)
        #expect(queue.open() == nil)
        #expect(queue.waitToPublish("b", 1, until: .seconds(5)).isWaiting)
        #expect(queue.open() == .seconds(5))
    }

    @Test("When its driver stops a queue refuses those who wait and those who come, and keeps what it has")
    func afterTheDriver() {
        var queue = NamedState(maxLength: 2, messages: 2)
        #expect(queue.waitToPublish("a", 1).isWaiting)
        let worker = queue.subscribe()
        #expect(queue.shut() == ["a"])
        #expect(queue.publish(.number(2)).isRefused)
        _ = queue.reject(queue.next(worker)?.receipt ?? 0, now: .zero, draw: 0)
        #expect(queue.count.ready == 2)
        #expect(queue.waitToPublish("b", 3).isRefused)
        _ = queue.open()
        #expect(queue.bodies(worker) == [1, 0])
    }
}
