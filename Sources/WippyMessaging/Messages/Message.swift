public import WippyValues

/// A message in a queue.
public struct Message: Sendable {
    /// The message's id.
    ///
    /// It is the same in every attempt.
    public let id: UniqueID

    /// The published value.
    public let body: Value

    /// The headers by name.
    ///
    /// Use only texts, numbers and truth values as their values.
    ///
    /// Names that begin with `x_` are reserved for the runtime. ``MessageHeader`` has those of queues and schedules.
    ///
    /// A queue adds the header `timestamp` if the publisher has not set it. It is the time of publishing, in seconds
    /// since 1970.
    public var headers: ValueMap

    /// The number of attempts that have ended so far.
    ///
    /// An attempt does not count if it ended with ``Settlement/returned``. The number is zero again when the message
    /// becomes a dead letter, and when an operator moves it back to its old queue.
    public var attempts: Int

    /// Creates a message, by default with a random id, without headers and without failed attempts.
    public init(id: UniqueID = .v4(), body: Value, headers: ValueMap = ValueMap(), attempts: Int = 0) {
        self.id = id
        self.body = body
        self.headers = headers
        self.attempts = attempts
    }

    /// Returns the message with the header `timestamp`.
    ///
    /// An existing `timestamp` is not changed.
    ///
    /// - Parameter second: the time of publishing, in seconds since 1970. Default: now.
    public func stamped(at second: Int = UnixTime.now) -> Message {
        guard headers[MessageHeader.timestamp] == nil else { return self }
        var message = self
        message.headers[MessageHeader.timestamp] = .integer(second)
        return message
    }
}
