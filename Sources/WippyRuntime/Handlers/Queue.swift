public import WippyValues

/// A queue as a handler sees it.
public struct Queue: Sendable {
    private let link: Link<any MessageQueue>

    /// Creates the view of a queue.
    public init(link: Link<any MessageQueue>) {
        self.link = link
    }

    /// The queue itself, for a transaction that publishes to it.
    package var target: any MessageQueue { link.target }

    /// Publishes a value; returns when the queue has accepted it.
    ///
    /// - Returns: the message's id.
    /// - Throws: ``WippyError`` of kind `Unavailable` when the queue stayed full for its `publish_timeout`, or its
    ///   driver fails or has stopped; `CancellationError` when the task was cancelled before the queue accepted the
    ///   message.
    @discardableResult
    public func publish(_ body: Value, headers: ValueMap = ValueMap()) async throws -> UniqueID {
        let message = Message(body: body, headers: headers)
        try await link.target.publish(message)
        return message.id
    }

    /// Publishes an encodable body; returns when the queue has accepted it.
    ///
    /// - Returns: the message's id.
    /// - Throws: ``WippyError`` of kind `Invalid` when the body cannot be written as data; else as
    ///   ``publish(_:headers:)`` does.
    @discardableResult
    public func publish(
        encoding body: some Encodable & Sendable, headers: ValueMap = ValueMap()
    ) async throws -> UniqueID {
        try await publish(ValueEncoder.value(of: body, as: "message's body"), headers: headers)
    }

    /// How many messages there are now.
    ///
    /// - Throws: what the driver fails with.
    public var count: MessageCount { get async throws { try await link.target.count } }

    /// What is in it and what happens there, which may take a look at every message.
    ///
    /// - Throws: what the driver fails with.
    public var info: QueueInfo { get async throws { try await link.target.info } }
}
