import Synchronization
public import WippyDefinition
import WippyText

/// Counters, timers and gauges, by name and entry.
///
/// Read them from code in the process. The runtime does not export them.
public final class Metrics: Sendable {
    /// The metric and the entry of a counter, timer or gauge.
    ///
    /// Two keys with the same name and entry are equal.
    public struct Key: Hashable, Comparable, Sendable {
        /// The description of the metric.
        public let metric: MetricDescription
        /// The id of the figure's entry; nil if the figure does not belong to an entry.
        public let entry: EntryID?

        /// The name of the metric, such as `messages.handled`.
        public var name: String { metric.name.string }

        /// Returns true if the keys have the same name and entry.
        public static func == (left: Key, right: Key) -> Bool {
            left.metric.name == right.metric.name && left.entry == right.entry
        }

        /// Hashes the name and the entry.
        public func hash(into hasher: inout Hasher) {
            hasher.combine(metric.name)
            hasher.combine(entry)
        }

        /// Returns true if the left key comes first.
        ///
        /// Keys are ordered by name, then by entry.
        public static func < (left: Key, right: Key) -> Bool {
            guard left.metric.name == right.metric.name else { return left.metric.name < right.metric.name }
            guard let entry = left.entry else { return right.entry != nil }
            return right.entry.map { entry < $0 } ?? false
        }
    }

    private let counters = Mutex<[Key: Counter]>([:])
    private let timers = Mutex<[Key: MetricTimer]>([:])
    private let measurements = Mutex(Measurements())

    /// The closures that measure the entries' gauges.
    ///
    /// Each holds its object weakly.
    private struct Measurements {
        struct Measurement {
            weak let subject: (any AnyObject & Sendable)?
            let calls = MeasuringCalls()
            let measure: @Sendable () async -> [Metric<Gauge>: Double]
        }

        /// The measurements of each entry, the latest last.
        private var all: [EntryID: [Measurement]] = [:]
        /// At this number of entries, the entries whose objects do not exist any more are removed.
        private var most = 16

        /// The latest measurement of each entry whose object exists.
        var latest: [EntryID: Measurement] {
            all.compactMapValues { $0.last { $0.subject != nil } }
        }

        mutating func add(_ measurement: Measurement, of entry: EntryID) {
            if all.count >= most {
                all = all.filter { $0.value.contains { $0.subject != nil } }
                most = max(16, 2 * all.count)
            }
            all[entry] = (all[entry] ?? []).filter { $0.subject != nil } + [measurement]
        }
    }

    private let clock: any RuntimeClock

    /// Creates a collection without counters, timers and gauges.
    ///
    /// - Parameter clock: the clock for the time that a reading of the gauges may take. Default: the system's clock.
    public init(clock: any RuntimeClock = SystemClock()) {
        self.clock = clock
    }

    /// Returns the counter of a metric for an entry.
    ///
    /// The first call creates it.
    public func counter(_ metric: Metric<Counter>, of entry: EntryID? = nil) -> Counter {
        counters.withLock { Self.instrument(Key(metric: metric.description, entry: entry), in: &$0, Counter.init) }
    }

    /// Returns the timer of a metric for an entry.
    ///
    /// The first call creates it.
    public func timer(_ metric: Metric<MetricTimer>, of entry: EntryID? = nil) -> MetricTimer {
        timers.withLock { Self.instrument(Key(metric: metric.description, entry: entry), in: &$0, MetricTimer.init) }
    }

    private static func instrument<Made>(_ key: Key, in made: inout [Key: Made], _ make: () -> Made) -> Made {
        if let instrument = made[key] { return instrument }
        let instrument = make()
        made[key] = instrument
        return instrument
    }

    /// Registers a closure that measures an entry's gauges.
    ///
    /// If an entry has several closures, the latest one whose subject still exists is used. The subject is held weakly.
    ///
    /// - Parameters:
    ///   - subject: the object to measure.
    ///   - entry: the entry that the gauges belong to.
    ///   - measurement: returns the values of the gauges.
    public func measure<Subject: AnyObject & Sendable>(
        _ subject: Subject, of entry: EntryID,
        by measurement: @escaping @Sendable (Subject) async -> [Metric<Gauge>: Double]
    ) {
        let added = Measurements.Measurement(subject: subject) { [weak subject] in
            guard let subject else { return [:] }
            return await measurement(subject)
        }
        measurements.withLock { $0.add(added, of: entry) }
    }

    /// The values of all gauges now, such as `queue.ready` of each queue.
    ///
    /// All entries are measured at once. An entry that takes more than five seconds is left out. Later readings leave
    /// it out, too, until its measurement has ended. If the task is cancelled, entries may be missing.
    public var gauges: [Key: Double] {
        get async {
            let latest = measurements.withLock(\.latest)
            return await withTaskGroup(of: (EntryID, [Metric<Gauge>: Double]).self) { group in
                for (entry, measurement) in latest {
                    group.addTask { (entry, await self.values(of: measurement, entry)) }
                }
                var gauges: [Key: Double] = [:]
                for await (entry, values) in group {
                    for (gauge, value) in values { gauges[Key(metric: gauge.description, entry: entry)] = value }
                }
                return gauges
            }
        }
    }

    /// Forgets the counters and timers of entries that do not exist any more.
    ///
    /// Code that holds one of them can still use it, but nobody reads it any more.
    ///
    /// - Parameter exists: returns true if the entry with an id exists.
    package func forgetEntries(unless exists: (EntryID) -> Bool) {
        func stays(_ key: Key) -> Bool { key.entry.map(exists) ?? true }
        counters.withLock { counters in counters = counters.filter { stays($0.key) } }
        timers.withLock { timers in timers = timers.filter { stays($0.key) } }
    }

    /// The readings of the gauges that lack those of an entry.
    package static let missingGauges = Metric<Counter>(
        "gauges.missing", of: "an entry", unit: "readings",
        "Readings in which the gauges of this entry are missing, because the entry did not answer within "
            + "\(measuringLimit.written).")

    /// The longest time for which a reading of the gauges waits for an entry.
    private static let measuringLimit = Duration.seconds(5)

    /// Returns the gauges of an entry; empty if the entry does not answer in time.
    private func values(of measurement: Measurements.Measurement, _ entry: EntryID) async -> [Metric<Gauge>: Double] {
        let calls = measurement.calls
        if let call = calls.begin() {
            do {
                return try await clock.within(Self.measuringLimit, abandoningAfter: .zero) { _ in
                    calls.isLate(call)
                    return WippyError(.timeout, "the entry does not answer", isRetryable: true)
                } _: {
                    defer { calls.end(call) }
                    return await measurement.measure()
                }
            } catch {
                guard !Task.isCancelled else { return [:] }
            }
        }
        counter(Self.missingGauges, of: entry).add()
        return [:]
    }

    /// The current values of all counters.
    public var counts: [Key: Int] { counters.withLock { $0.mapValues(\.value) } }

    /// The current readings of all timers.
    public var timings: [Key: MetricTimer.Reading] { timers.withLock { $0.mapValues(\.reading) } }
}

/// The calls that measure an entry's gauges now.
private final class MeasuringCalls: Sendable {
    private struct State {
        var last = 0
        var running: Set<Int> = []
        /// The calls that still run although their time is up.
        var late: Set<Int> = []
    }

    private let state = Mutex(State())

    /// Notes the beginning of a call.
    ///
    /// - Returns: the number of the call; nil if a late call still runs, so that no call may begin.
    func begin() -> Int? {
        state.withLock { state in
            guard state.late.isEmpty else { return nil }
            state.last += 1
            state.running.insert(state.last)
            return state.last
        }
    }

    /// Notes that the time of a call is up.
    func isLate(_ call: Int) {
        state.withLock { state in
            if state.running.contains(call) { state.late.insert(call) }
        }
    }

    /// Notes the end of a call.
    func end(_ call: Int) {
        state.withLock { state in
            state.running.remove(call)
            state.late.remove(call)
        }
    }
}

/// A number that grows.
///
/// Any thread can add to it without a lock.
public final class Counter: MetricFigure {
    /// The type `counter`.
    public static var metricType: MetricType { .counter }

    private let count = Atomic(0)

    /// Creates a counter at 0.
    public init() {}

    /// Adds an amount to the counter.
    ///
    /// The value wraps around after `Int.max`.
    ///
    /// - Parameter amount: the amount, at least 0. Default: 1.
    public func add(_ amount: Int = 1) {
        count.wrappingAdd(amount, ordering: .relaxed)
    }

    /// The sum of the added amounts.
    public var value: Int { count.load(ordering: .relaxed) }
}

/// Records durations: their number, their sum and the longest one.
///
/// Any thread can record without a lock.
public final class MetricTimer: MetricFigure {
    /// The type `timer`.
    public static var metricType: MetricType { .timer }

    /// The figures of a timer.
    public struct Reading: Hashable, Sendable {
        /// The number of recorded durations.
        public let count: Int
        /// The sum of the durations.
        ///
        /// It wraps around after `Int.max` nanoseconds.
        public let total: Duration
        /// The longest duration; zero if no duration was recorded.
        public let longest: Duration
    }

    private let count = Atomic(0)
    private let nanoseconds = Atomic(0)
    private let most = Atomic(0)

    /// Creates a timer without recorded durations.
    public init() {}

    /// Records a duration, in whole nanoseconds.
    public func record(_ duration: Duration) {
        record(nanoseconds: duration.wholeNanoseconds)
    }

    /// Records a duration in nanoseconds.
    public func record(nanoseconds amount: Int) {
        count.wrappingAdd(1, ordering: .relaxed)
        nanoseconds.wrappingAdd(amount, ordering: .relaxed)
        var seen = most.load(ordering: .relaxed)
        while amount > seen {
            let (exchanged, original) = most.weakCompareExchange(
                expected: seen, desired: amount, ordering: .relaxed)
            if exchanged { return }
            seen = original
        }
    }

    /// The current figures.
    ///
    /// The three figures are read one after another. So a duration that is recorded at the same time may be missing in
    /// some of them.
    public var reading: Reading {
        Reading(
            count: count.load(ordering: .relaxed), total: .nanoseconds(nanoseconds.load(ordering: .relaxed)),
            longest: .nanoseconds(most.load(ordering: .relaxed)))
    }
}
