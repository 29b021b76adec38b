public import WippyDefinition
public import WippyValues

/// An entry that can be called with a value and returns a value.
public protocol Function: Sendable {
    /// Calls the function. Cancelling the caller's task cancels the call.
    ///
    /// - Throws: the handler's error; ``WippyError`` of kind `Invalid`, with an ``ArgumentMisfit`` as its cause, when
    ///   the function cannot take the argument; ``WippyError`` of kind `Internal` when the result cannot be encoded.
    func call(_ argument: Value) async throws -> Value
}

/// An entry that handles the messages of queues.
public protocol MessageFunction: Sendable {
    /// Handles one message. Several workers may call this at once.
    ///
    /// If the call returns, the message is acknowledged. If it throws, the message is tried again or becomes a dead
    /// letter. If it throws after its task was cancelled, the message goes back unchanged.
    func handle(_ delivery: Delivery) async throws
}

extension Contract where Offered == any Function {
    /// The contract of an entry that can be called with a value.
    public static var function: Self { Contract("a function", meaning: .calls) }
}

extension Contract where Offered == any MessageFunction {
    /// The contract of an entry that handles messages.
    public static var messageFunction: Self { Contract("a function that handles messages", meaning: .calls) }
}
