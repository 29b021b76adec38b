public import WippyDefinition
public import WippyRuntime
public import WippyValues

/// An option of a message: a header that tells the queue how to keep the message.
///
/// ``MessageOptions`` reads the options of a message. ``QueueDriver/supportedOptions`` lists the options that a driver
/// supports.
public enum MessageOption: String, CaseIterable, Sendable {
    /// The time before a worker can get the message.
    case delay
    /// The priority of the message among those that wait.
    case priority
    /// The time after the publication in which a worker can get the message.
    case timeToLive = "ttl"
    /// A key. The queue keeps only one message with this key at a time.
    case uniqueKey = "unique"
    /// The time after the publication in which ``uniqueKey`` counts even if the message has been acknowledged.
    case uniquePeriod = "unique_period"

    /// The name of the header.
    public var header: String { rawValue }

    /// True for every option except ``priority``.
    ///
    /// If a queue's driver does not support such an option, the queue refuses the message, except a dead letter. An
    /// unsupported ``priority`` has no effect.
    public var isDecisive: Bool { self != .priority }

    private static let all = allCases

    /// Returns the first option of a message that fulfils a condition.
    ///
    /// A dead letter has no options, because its headers were meant for the queue that has given it up.
    static func first(in headers: ValueMap, where isMeant: (Self) -> Bool = { _ in true }) -> Self? {
        guard !headers.isEmpty, headers[MessageHeader.originalQueue] == nil else { return nil }
        return all.first { isMeant($0) && headers[$0.header] != nil }
    }

    /// Throws an error if a message has an unsupported option for which ``isDecisive`` is true.
    ///
    /// Call this method in a queue before it accepts a published message, unless its driver supports every option. The
    /// options of a dead letter do not count, because they were meant for the queue that has given it up.
    ///
    /// - Parameters:
    ///   - headers: the message's headers.
    ///   - queue: the queue.
    ///   - supported: the options that the queue's driver supports. Default: none.
    /// - Throws: `WippyError` of kind `Invalid` when the message has such an option.
    public static func refuse(
        in headers: ValueMap, for queue: EntryID, besides supported: Set<MessageOption> = []
    ) throws(WippyError) {
        guard let option = first(in: headers, where: { $0.isDecisive && !supported.contains($0) }) else { return }
        throw WippyError(
            .invalid,
            "the driver of the queue '\(queue)' does not support the header '\(option.header)': leave it out, or use a "
                + "driver that supports it",
            isRetryable: false)
    }
}
