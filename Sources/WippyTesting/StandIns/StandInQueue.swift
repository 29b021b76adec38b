import Synchronization
public import Wippy

/// A queue that keeps published messages and never delivers them.
public final class StandInQueue: MessageQueue {
    private let messages = Mutex<[Message]>([])

    /// Creates an empty queue.
    public init() {}

    /// The published messages, in order.
    public var published: [Message] { messages.withLock { $0 } }

    /// Keeps a message as it is, and returns true.
    @discardableResult
    public func publish(_ message: Message) -> Bool {
        messages.withLock { $0.append(message) }
        return true
    }

    /// The number of messages, all of which are ready.
    public var count: MessageCount { MessageCount(ready: published.count, delayed: 0, claimed: 0) }

    /// Returns a subscription that never gets a message: its `next` returns nil at once.
    public func subscribe(prefetch: Int) -> any MessageSubscription { NoMessages() }

    /// Returns at once, with the number of published messages.
    public func drain(until deadline: Duration) -> Int { published.count }
}

private struct NoMessages: MessageSubscription {
    func next() -> Delivery? { nil }
    func settle(_ delivery: Delivery, _ settlement: Settlement) -> Bool { false }
    func close() {}
}

/// A function that calls a closure.
public struct StandInFunction: Function {
    private let body: @Sendable (Value) async throws -> Value

    /// Creates a function that calls `body`.
    public init(_ body: @escaping @Sendable (Value) async throws -> Value) {
        self.body = body
    }

    /// Calls the closure with the argument, and returns its result.
    public func call(_ argument: Value) async throws -> Value { try await body(argument) }
}
