public import WippyText

/// The figures of a queue: counts, ages and rates.
public struct QueueInfo: Hashable, Sendable {
    /// The number of messages in the queue, by state.
    public let count: MessageCount

    /// The number of the queue's messages that are dead letters in another queue; nil if the driver does not know it.
    public var dead: Int?

    /// The time since the oldest ready message was published; nil if no message is ready, or if the driver does not
    /// know the time.
    public let oldestAge: Duration?

    /// The largest number of attempts of a message in the queue, including a running attempt.
    ///
    /// A driver may leave out messages that workers get much later.
    public let attemptsMost: Int

    /// True if the queue is paused.
    ///
    /// Then workers get no messages.
    public let isPaused: Bool

    /// The rates of messages in this process; nil if the process does not work on the queue, or if the driver does not
    /// know the rates.
    public var rates: QueueRates?

    /// Creates figures of a queue.
    public init(
        count: MessageCount, dead: Int? = nil, oldestAge: Duration? = nil, attemptsMost: Int = 0,
        isPaused: Bool = false, rates: QueueRates? = nil
    ) {
        self.count = count
        self.dead = dead
        self.oldestAge = oldestAge
        self.attemptsMost = attemptsMost
        self.isPaused = isPaused
        self.rates = rates
    }
}

/// Rates of a queue, in messages per second.
///
/// Each rate is the mean of the last minute, or of the time since the queue was made if that time is shorter.
public struct QueueRates: Hashable, Sendable {
    /// The rate of accepted messages, per second.
    public let published: Double

    /// The rate of acknowledged messages, per second.
    public let acknowledged: Double

    /// The rate of failed attempts, per second.
    public let failed: Double

    /// Creates rates.
    public init(published: Double, acknowledged: Double, failed: Double) {
        self.published = published
        self.acknowledged = acknowledged
        self.failed = failed
    }
}

extension QueueInfo {
    /// The figures by their names in the metrics, for ``Metrics/measure(_:of:by:)``.
    ///
    /// Unknown figures are left out.
    public var gauges: [ExactText: Double] {
        var gauges: [ExactText: Double] = [
            "queue.ready": Double(count.ready), "queue.delayed": Double(count.delayed),
            "queue.claimed": Double(count.claimed), "queue.attempts_most": Double(attemptsMost),
            "queue.paused": isPaused ? 1 : 0,
        ]
        gauges["queue.dead"] = dead.map { Double($0) }
        gauges["queue.oldest_age"] = oldestAge.map { $0 / .seconds(1) }
        gauges["queue.published_rate"] = rates?.published
        gauges["queue.acknowledged_rate"] = rates?.acknowledged
        gauges["queue.failed_rate"] = rates?.failed
        return gauges
    }
}
