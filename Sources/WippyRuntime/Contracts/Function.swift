public import WippyDefinition
public import WippyValues

/// An entry that others call with a value, and that returns one.
public protocol Function: Sendable {
    /// Calls the function. Cancelling the caller's task cancels the call.
    ///
    /// - Throws: what the handler throws; ``WippyError`` of kind `Invalid`, with an ``ArgumentMisfit`` as its cause,
    ///   when the function cannot take the argument; of kind `Internal` when its result cannot be encoded.
    func call(_ argument: Value) async throws -> Value
}

/// An entry that handles messages, one at a time.
public protocol MessageFunction: Sendable {
    /// Handles a message. Returning acknowledges it. Throwing means that it is tried again or becomes a dead letter.
    func handle(_ delivery: Delivery) async throws
}

extension Contract where Offered == any Function {
    /// An entry that can be called with a value.
    public static var function: Self { Contract("a function", meaning: .calls) }
}

extension Contract where Offered == any MessageFunction {
    /// An entry that handles messages.
    public static var messageFunction: Self { Contract("a function that handles messages", meaning: .calls) }
}
