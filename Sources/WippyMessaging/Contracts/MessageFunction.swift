public import WippyDefinition

/// An entry that handles the messages of queues.
public protocol MessageFunction: Sendable {
    /// Handles one message. Several workers may call this at once.
    ///
    /// If the call returns, the message is acknowledged. If it throws, the message is tried again or becomes a dead
    /// letter. If it throws after its task was cancelled, the message goes back unchanged.
    func handle(_ delivery: Delivery) async throws
}

extension Contract where Offered == any MessageFunction {
    /// The contract of an entry that handles messages.
    public static var messageFunction: Self { Contract("a function that handles messages", meaning: .calls) }
}
