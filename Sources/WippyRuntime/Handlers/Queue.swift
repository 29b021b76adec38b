public import WippyValues

/// A queue as a handler sees it.
public struct Queue: Sendable {
    private let link: Link<any MessageQueue>

    init(link: Link<any MessageQueue>) {
        self.link = link
    }

    /// Publishes a value; returns when the queue has accepted it.
    ///
    /// - Returns: the message's id.
    /// - Throws: ``WippyError`` of kind `Unavailable` when the queue stayed full for its `publish_timeout`, of kind
    ///   `Invalid` when the body cannot be encoded.
    @discardableResult
    public func publish(_ body: Value, headers: ValueMap = ValueMap()) async throws -> UniqueID {
        let message = Message(body: body, headers: headers)
        try await link.target.publish(message)
        return message.id
    }

    /// Publishes an encodable body; returns when the queue has accepted it.
    @discardableResult
    public func publish(
        encoding body: some Encodable & Sendable, headers: ValueMap = ValueMap()
    ) async throws -> UniqueID {
        try await publish(ValueEncoder().encode(body), headers: headers)
    }

    /// How many messages there are now.
    public var count: MessageCount { link.target.count }
}

/// A function of another entry, as a handler calls it.
public struct RemoteFunction: Sendable {
    private let link: Link<any Function>

    init(link: Link<any Function>) {
        self.link = link
    }

    /// Calls the function with a value.
    public func call(_ argument: Value) async throws -> Value {
        try await link.target.call(argument)
    }

    /// Calls the function with an encodable argument and decodes what it answers.
    public func call<Output: Decodable>(
        encoding argument: some Encodable & Sendable, returning: Output.Type = Output.self
    ) async throws -> Output {
        try ValueDecoder().decode(Output.self, from: try await call(ValueEncoder().encode(argument)))
    }
}
