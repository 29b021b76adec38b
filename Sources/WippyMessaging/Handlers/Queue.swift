public import WippyRuntime
public import WippyValues

/// A handler's access to a queue.
public struct Queue: Sendable {
    private let link: Link<any MessageQueue>

    /// Creates the value from a link to a queue.
    public init(link: Link<any MessageQueue>) {
        self.link = link
    }

    /// The queue itself, for a transaction that publishes to it.
    package var target: any MessageQueue { link.target }

    /// Publishes a value.
    ///
    /// Returns when the queue has accepted the message.
    ///
    /// After `Unavailable`, the queue may have kept the message all the same, for example if the connection to its
    /// database was lost. If you publish again with the same header `unique`, the queue drops the second message while
    /// the key counts.
    ///
    /// - Returns: the message's id.
    /// - Throws: `WippyError` of kind `Unavailable` when the queue stayed full for its `publish_timeout`, or when its
    ///   driver cannot keep the message now, for example because it has stopped; `WippyError` of kind `Invalid` when
    ///   the driver refuses the message, for example because of its headers; `CancellationError` when the task was
    ///   cancelled before the queue accepted the message.
    @discardableResult
    public func publish(_ body: Value, headers: ValueMap = ValueMap()) async throws -> UniqueID {
        let message = Message(body: body, headers: headers)
        try await link.target.publish(message)
        return message.id
    }

    /// Encodes a body and publishes it.
    ///
    /// Returns when the queue has accepted the message.
    ///
    /// - Returns: the message's id.
    /// - Throws: `WippyError` of kind `Invalid` when the body cannot be encoded; also the errors of
    ///   ``publish(_:headers:)``, and a `WippyError` that the body's own code throws.
    @discardableResult
    public func publish(
        encoding body: some Encodable & Sendable, headers: ValueMap = ValueMap()
    ) async throws -> UniqueID {
        try await publish(ValueEncoder.value(of: body, as: "message's body"), headers: headers)
    }

    /// The number of messages in the queue, by state.
    ///
    /// For a long queue, the driver may return the number that it last knew.
    ///
    /// - Throws: the driver's error.
    public var count: MessageCount { get async throws { try await link.target.count } }

    /// The figures of the queue: counts, ages and rates.
    ///
    /// The driver may examine every message for them, so reading ``count`` costs less.
    ///
    /// - Throws: the driver's error.
    public var info: QueueInfo { get async throws { try await link.target.info } }
}

extension HandlerContext {
    /// Returns a queue to which the handler can publish, by its name in `uses` or by its full id.
    ///
    /// - Throws: the same errors as `resolve(_:as:)`.
    public func queue(_ name: String) throws -> Queue {
        Queue(link: try resolve(name, as: .queue))
    }
}
