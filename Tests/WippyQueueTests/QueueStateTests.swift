import Testing
import WippyDefinition
import WippyMessaging
import WippyRuntime
import WippyValues

@testable import WippyQueue

typealias NamedState = MemoryQueueState<String, String, String>

extension MemoryQueueState<String, String, String> {
    /// A queue whose publishers and workers are names, and whose delays have no jitter.
    init(
        maxLength: Int = 3, retry: QueueRetry = QueueRetry(jitter: 0), maxAttempts: Int? = nil,
        phase: Phase = .running, messages: Int = 0
    ) {
        self.init(id: .app("tasks"), maxLength: maxLength, retry: retry, maxAttempts: maxAttempts, phase: phase)
        for number in 0..<messages { _ = publish(.number(number)) }
    }

    /// The body of the next message, and its receipt; nil when the worker gets none.
    mutating func next(_ subscription: Int) -> (body: Int, attempt: Int, receipt: Int)? {
        guard case .delivery(let delivery, _) = take(for: subscription) else { return nil }
        return (delivery.number, delivery.attempt, delivery.receipt)
    }

    /// Takes and acknowledges everything that is ready.
    mutating func bodies(_ subscription: Int) -> [Int] {
        var bodies: [Int] = []
        while let next = next(subscription) {
            bodies.append(next.body)
            _ = acknowledge(next.receipt)
        }
        return bodies
    }

    mutating func wait(_ worker: String, _ subscription: Int) -> Taking {
        take(for: subscription, orWait: worker, ticket: makeKey())
    }

    /// Waits until the queue is drained.
    ///
    /// - Returns: false if it is.
    mutating func waitToDrain(_ drainer: String, until deadline: Duration = .seconds(30)) -> Bool {
        drain(drainer, ticket: makeKey(), until: deadline)
    }

    mutating func waitToPublish(_ publisher: String, _ number: Int, until deadline: Duration = .seconds(5))
        -> Publishing
    {
        publish(.number(number), orWait: publisher, ticket: makeKey(), until: deadline)
    }
}

extension Message {
    static func number(_ number: Int) -> Message { Message(body: .integer(number)) }
}

extension Delivery {
    var number: Int { message.body.integer ?? -1 }
}

extension MemoryQueueState.Publishing {
    var isAccepted: Bool { if case .accepted = self { true } else { false } }
    var isFull: Bool { if case .full = self { true } else { false } }
    var isWaiting: Bool { if case .waiting = self { true } else { false } }
    var isRefused: Bool { if case .refused = self { true } else { false } }
    var handover: MemoryQueueState.Handover? { if case .handed(let handover) = self { handover } else { nil } }
}

extension MemoryQueueState.Taking {
    var delivery: Delivery? { if case .delivery(let delivery, _) = self { delivery } else { nil } }
    var admitted: Publisher? { if case .delivery(_, let admitted) = self { admitted } else { nil } }
    var isNothing: Bool { if case .nothing = self { true } else { false } }
    var isWaiting: Bool { if case .waiting = self { true } else { false } }
    var isEnded: Bool { if case .ended = self { true } else { false } }
}

@Suite("The memory queue as a value: messages come, go and come back")
struct QueueStateTests {
    @Test("Messages are taken in the order in which they were published")
    func order() {
        var queue = NamedState(messages: 3)
        let worker = queue.subscribe()
        #expect(queue.bodies(worker) == [0, 1, 2])
        #expect(queue.count == MessageCount(ready: 0, delayed: 0, claimed: 0))
    }

    @Test("A queue is full at its length and not before", arguments: [1, 2, 1000])
    func capacity(length: Int) {
        var queue = NamedState(maxLength: length, messages: length - 1)
        #expect(queue.publish(.number(-1)).isAccepted)
        #expect(queue.publish(.number(-2)).isFull)
        let worker = queue.subscribe()
        #expect(queue.next(worker) != nil)
        #expect(queue.publish(.number(-3)).isAccepted)
        #expect(queue.publish(.number(-4)).isFull)
        #expect(queue.count == MessageCount(ready: length, delayed: 0, claimed: 1))
    }

    @Test("Publishers that wait get the room that is made, first come first served, before those who come later")
    func waitingPublishers() {
        var queue = NamedState(maxLength: 1, messages: 1)
        #expect(queue.waitToPublish("first", 1).isWaiting)
        #expect(queue.waitToPublish("second", 2).isWaiting)
        let worker = queue.subscribe()
        #expect(queue.take(for: worker).admitted == "first")
        #expect(queue.publish(.number(3)).isFull)
        #expect(queue.take(for: worker).admitted == "second")
        #expect(queue.take(for: worker).delivery?.number == 2)
    }

    @Test("A publisher waits until its deadline and no longer")
    func publisherDeadline() {
        var queue = NamedState(maxLength: 1, messages: 1)
        #expect(queue.waitToPublish("first", 1, until: .seconds(5)).isWaiting)
        #expect(queue.waitToPublish("second", 2, until: .seconds(6)).isWaiting)
        let early = queue.advance(to: .seconds(5) - .nanoseconds(1))
        #expect(early.expired.isEmpty)
        #expect(early.next == .seconds(5))
        let late = queue.advance(to: .seconds(5))
        #expect(late.expired == ["first"])
        #expect(late.next == .seconds(6))
        #expect(queue.advance(to: .seconds(60)).expired == ["second"])
        let worker = queue.subscribe()
        #expect(queue.bodies(worker) == [0])
    }

    @Test("A publisher that gives up is forgotten with its message")
    func cancelledPublisher() {
        var queue = NamedState(maxLength: 1, messages: 1)
        let ticket = queue.makeKey()
        _ = queue.publish(.number(1), orWait: "first", ticket: ticket, until: .seconds(5))
        #expect(queue.waitToPublish("second", 2).isWaiting)
        #expect(queue.cancelPublisher(ticket) == "first")
        #expect(queue.cancelPublisher(ticket) == nil)
        let worker = queue.subscribe()
        #expect(queue.bodies(worker) == [0, 2])
    }

    @Test("A worker that waits gets the next message, whoever waits longest first")
    func waitingWorkers() {
        var queue = NamedState()
        let (one, other) = (queue.subscribe(), queue.subscribe())
        #expect(queue.take(for: one).isNothing)
        #expect(queue.wait("a", one).isWaiting)
        #expect(queue.wait("b", other).isWaiting)
        #expect(queue.publish(.number(1)).handover?.worker == "a")
        let second = queue.publish(.number(2)).handover
        #expect(second?.worker == "b")
        #expect(second?.delivery.number == 2)
        #expect(queue.publish(.number(3)).isAccepted)
        #expect(queue.count == MessageCount(ready: 1, delayed: 0, claimed: 2))
    }

    @Test("A worker that gives up leaves the message to the next")
    func cancelledWorker() {
        var queue = NamedState()
        let subscription = queue.subscribe()
        let ticket = queue.makeKey()
        _ = queue.take(for: subscription, orWait: "a", ticket: ticket)
        #expect(queue.wait("b", subscription).isWaiting)
        #expect(queue.cancelWorker(ticket) == "a")
        #expect(queue.cancelWorker(ticket) == nil)
        #expect(queue.publish(.number(1)).handover?.worker == "b")
    }

    @Test("What is given back has its old place and no attempt counted, in whatever order it comes")
    func givenBack() {
        var queue = NamedState(maxLength: 10, messages: 5)
        let worker = queue.subscribe()
        let taken = (0..<4).compactMap { _ in queue.next(worker) }
        for index in [2, 0, 3] { _ = queue.giveBack(taken[index].receipt) }
        #expect(queue.publish(.number(5)).isAccepted)
        let again = (0..<5).compactMap { _ in queue.next(worker) }
        #expect(again.map(\.body) == [0, 2, 3, 4, 5])
        #expect(again.allSatisfy { $0.attempt == 1 })
    }

    @Test("Several subscriptions take from one order, and what one gives back the other may get")
    func sharedOrder() {
        var queue = NamedState(messages: 3)
        let (one, other) = (queue.subscribe(), queue.subscribe())
        let held = queue.next(one)
        #expect(queue.next(other)?.body == 1)
        _ = queue.giveBack(held?.receipt ?? 0)
        #expect(queue.close(one).isEmpty)
        #expect(queue.bodies(other) == [0, 2])
    }

    @Test("What comes back finds its place in a full queue")
    func returnToFullQueue() {
        var queue = NamedState(maxLength: 2, messages: 2)
        let worker = queue.subscribe()
        let (first, second) = (queue.next(worker), queue.next(worker))
        _ = queue.publish(.number(2))
        _ = queue.publish(.number(3))
        _ = queue.reject(first?.receipt ?? 0, now: .zero, draw: 0)
        _ = queue.giveBack(second?.receipt ?? 0)
        #expect(queue.count.ready == 4)
        #expect(queue.publish(.number(4)).isFull)
        #expect(queue.bodies(worker) == [1, 2, 3, 0])
    }

    @Test("A failed message is ready at the tail at once, then after growing delays, with its attempts counted")
    func retries() {
        var queue = NamedState(messages: 2)
        let worker = queue.subscribe()
        #expect(queue.reject(queue.next(worker)?.receipt ?? 0, now: .zero, draw: 0).due == nil)
        #expect(queue.next(worker)?.body == 1)
        let second = queue.next(worker)
        #expect(second?.attempt == 2)
        #expect(queue.reject(second?.receipt ?? 0, now: .seconds(1), draw: 0).due == .milliseconds(1100))
        #expect(queue.next(worker) == nil)
        #expect(queue.count.delayed == 1)
        #expect(queue.advance(to: .milliseconds(1099)).next == .milliseconds(1100))
        #expect(queue.advance(to: .milliseconds(1100)).next == nil)
        let third = queue.next(worker)
        #expect(third?.attempt == 3)
        #expect(queue.reject(third?.receipt ?? 0, now: .seconds(2), draw: 0).due == .milliseconds(2200))
    }

    @Test("What is due goes to the workers that wait, in order of time")
    func dueToWorkers() {
        var queue = NamedState(retry: QueueRetry(initialDelay: .seconds(1), jitter: 0), messages: 2)
        let subscription = queue.subscribe()
        let (first, second) = (queue.next(subscription), queue.next(subscription))
        _ = queue.reject(first?.receipt ?? 0, now: .seconds(2), draw: 0)
        _ = queue.reject(second?.receipt ?? 0, now: .seconds(1), draw: 0)
        #expect(queue.wait("a", subscription).isWaiting)
        let advance = queue.advance(to: .seconds(9))
        #expect(advance.handovers.map(\.worker) == ["a"])
        #expect(advance.handovers.first?.delivery.number == 1)
        #expect(queue.bodies(subscription) == [0])
    }

    @Test("As many delayed messages as the queue is long make publishers wait, until they are due")
    func delayedBound() {
        var queue = NamedState(maxLength: 1, retry: QueueRetry(initialDelay: .seconds(1), jitter: 0), messages: 1)
        let worker = queue.subscribe()
        _ = queue.reject(queue.next(worker)?.receipt ?? 0, now: .zero, draw: 0)
        #expect(queue.waitToPublish("a", 1).isWaiting)
        #expect(queue.advance(to: .seconds(1)).admitted.isEmpty)
        #expect(queue.take(for: worker).admitted == "a")
    }

    @Test("Only the first settlement of a delivery counts")
    func settledTwice() {
        var queue = NamedState(messages: 1)
        let worker = queue.subscribe()
        let receipt = queue.next(worker)?.receipt ?? 0
        _ = queue.giveBack(receipt)
        #expect(queue.next(worker)?.attempt == 1)
        _ = queue.acknowledge(receipt)
        _ = queue.reject(receipt, now: .zero, draw: 0)
        _ = queue.giveBack(receipt)
        #expect(queue.count == MessageCount(ready: 0, delayed: 0, claimed: 1))
    }
}
