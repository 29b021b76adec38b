public import WippyRuntime

/// The figures of a queue: counts, ages and rates.
public struct QueueInfo: Hashable, Sendable {
    /// The number of messages in the queue, by state.
    public let count: MessageCount

    /// The number of this queue's dead letters that the driver finds in another queue; nil if the driver cannot look
    /// there.
    public var dead: Int?

    /// The time since the oldest ready message was published; nil if no message is ready, or if the driver does not
    /// know the time.
    ///
    /// A driver may take the time of publishing from the header `timestamp`.
    public let oldestAge: Duration?

    /// The attempts of the message with the most attempts, including a running attempt; 0 if the driver does not know
    /// them.
    ///
    /// A driver may leave out messages that workers get much later.
    public let attemptsMost: Int

    /// True if the queue is paused.
    ///
    /// Then workers get no messages.
    public let isPaused: Bool

    /// The rates in this process, which a ``MeasuredQueue`` sets; nil if none measures the queue.
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

/// The rates of a queue, per second.
///
/// Each rate is the mean of the last minute, or of the time since the queue was made if that time is shorter. The first
/// second counts as a whole second.
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
    /// One of the figures: its names, its meaning and its value.
    public struct Figure: Sendable {
        /// The value of a figure, by its type.
        ///
        /// A closure returns nil for a value that is not known.
        public enum Measure: Sendable {
            /// A number of things.
            case count(of: String, @Sendable (QueueInfo) -> Int?)
            /// A time.
            case age(@Sendable (QueueInfo) -> Duration?)
            /// A number of things per second.
            case rate(of: String, @Sendable (QueueInfo) -> Double?)
            /// True or false. `queue list` shows the first word for true and the second for false. So does its JSON,
            /// under the given name.
            case flag(named: String, words: (isSet: String, isNotSet: String), @Sendable (QueueInfo) -> Bool)
        }

        /// The name in scripts and, after `queue.`, in the metrics.
        ///
        /// In JSON, a flag has another name, which its ``Measure`` gives. Every other figure has this name there, too.
        public let name: String

        /// The value.
        public let value: Measure

        /// The gauge of the figure.
        public let metric: Metric<Gauge>

        fileprivate init(_ name: String, _ value: Measure, _ help: String) {
            (self.name, self.value) = (name, value)
            metric = Metric("queue.\(name)", of: "a queue", unit: value.unit, help)
        }

        /// Returns the value as a number: a time in seconds, a flag as 1 or 0; nil if it is not known.
        public func number(of info: QueueInfo) -> Double? {
            switch value {
            case .count(_, let count): count(info).map { Double($0) }
            case .age(let age): age(info).map { $0 / .seconds(1) }
            case .rate(_, let rate): rate(info)
            case .flag(_, _, let isSet): isSet(info) ? 1 : 0
            }
        }
    }

    /// All figures.
    public static let figures = [
        Figure("ready", .count(of: "messages", \.count.ready), "Messages that a worker can claim."),
        Figure("delayed", .count(of: "messages", \.count.delayed), "Messages that wait for their time."),
        Figure("claimed", .count(of: "messages", \.count.claimed), "Messages that a worker has, or is about to get."),
        Figure(
            "dead", .count(of: "messages", \.dead),
            "Its dead letters that are in another queue. Not known if the two queues have different drivers, unless "
                + "both are in memory. Those that a reload has moved into a database do not count."),
        Figure("oldest_age", .age(\.oldestAge), "The time since the oldest ready message was published."),
        Figure(
            "attempts_most", .count(of: "attempts", \.attemptsMost),
            "The attempts of the message with the most attempts, including a running one. In a database, only claimed "
                + "messages and the next messages count."),
        Figure("published_rate", .rate(of: "messages", \.rates?.published), "Messages accepted per second."),
        Figure(
            "acknowledged_rate", .rate(of: "messages", \.rates?.acknowledged),
            "Messages whose handler has done its work, per second."),
        Figure("failed_rate", .rate(of: "attempts", \.rates?.failed), "Failed attempts per second."),
        Figure(
            "paused", .flag(named: "state", words: ("paused", "open"), \.isPaused), "Whether workers get no messages."),
    ]

    /// The gauges of the figures.
    public static let metrics = figures.map(\.metric.description)

    /// The values of the gauges, for `Metrics.measure(_:of:by:)`.
    ///
    /// Unknown figures are left out.
    public var gauges: [Metric<Gauge>: Double] {
        var gauges: [Metric<Gauge>: Double] = [:]
        for figure in Self.figures { gauges[figure.metric] = figure.number(of: self) }
        return gauges
    }
}

extension QueueInfo.Figure.Measure {
    fileprivate var unit: String {
        switch self {
        case .count(let things, _): things
        case .age: "seconds"
        case .rate(let things, _): "\(things) per second"
        case .flag: "1 or 0"
        }
    }
}
