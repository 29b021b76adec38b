/// The number of messages in a queue, by state.
public struct MessageCount: Hashable, Sendable {
    /// The number of messages that wait for a worker.
    public let ready: Int
    /// The number of messages that wait for a time, such as the time of their next attempt.
    public let delayed: Int
    /// The number of messages that a worker has, or that are prefetched for a worker.
    public let claimed: Int

    /// The number of all messages in the queue.
    ///
    /// It is at most `Int.max`, whatever a driver has counted.
    public var total: Int {
        [ready, delayed, claimed].reduce(0) { sum, part in
            let (sum, isBeyond) = sum.addingReportingOverflow(max(part, 0))
            return isBeyond ? .max : sum
        }
    }

    /// Creates a count.
    public init(ready: Int, delayed: Int, claimed: Int) {
        self.ready = ready
        self.delayed = delayed
        self.claimed = claimed
    }
}
