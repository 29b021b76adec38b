/// The way in which a delivery ended.
public enum Settlement: Sendable {
    /// The handler has done its work. The message leaves the queue.
    case acknowledged
    /// The handler failed, for the given reason. The message is tried again or becomes a dead letter.
    case rejected(reason: String)
    /// The handler did not get the message, or its task was cancelled. The message goes back unchanged, and can be
    /// claimed at once.
    case returned
}
