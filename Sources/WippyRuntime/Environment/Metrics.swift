import Synchronization
public import WippyDefinition
package import WippyText

/// Counters, timers and gauges, by name and entry.
///
/// They are read in process; nothing exports them.
public final class Metrics: Sendable {
    /// The name and the entry of a counter, timer or gauge.
    public struct Key: Hashable, Comparable, Sendable {
        /// What is counted: lower-case words joined by dots, such as `messages.handled`.
        public var name: String { text.string }
        private let text: ExactText
        /// The entry that counts, if it is one.
        public let entry: EntryID?

        init(name: ExactText, entry: EntryID?) {
            text = name
            self.entry = entry
        }

        /// Orders by name, then entry.
        public static func < (left: Key, right: Key) -> Bool {
            guard left.text == right.text else { return left.text < right.text }
            guard let entry = left.entry else { return right.entry != nil }
            return right.entry.map { entry < $0 } ?? false
        }
    }

    private let counters = Mutex<[Key: Counter]>([:])
    private let timers = Mutex<[Key: MetricTimer]>([:])
    private let measurements = Mutex(Measurements())

    /// How each entry's gauges are measured, as long as what they are measured of is there.
    private struct Measurements {
        struct Measurement {
            weak let subject: (any AnyObject & Sendable)?
            let measure: @Sendable () async -> [ExactText: Double]
        }

        private(set) var all: [EntryID: Measurement] = [:]
        /// When so many are there, those are let go whose subjects are gone.
        private var most = 16

        mutating func add(_ measurement: Measurement, of entry: EntryID) {
            if all.count >= most {
                all = all.filter { $0.value.subject != nil }
                most = max(16, 2 * all.count)
            }
            all[entry] = measurement
        }
    }

    /// An empty collection.
    public init() {}

    /// The counter with a name and an entry.
    ///
    /// The first call creates it.
    public func counter(_ name: String, of entry: EntryID? = nil) -> Counter {
        counters.withLock { Self.instrument(Key(name: ExactText(name), entry: entry), in: &$0, Counter.init) }
    }

    /// The timer with a name and an entry.
    ///
    /// The first call creates it.
    public func timer(_ name: String, of entry: EntryID? = nil) -> MetricTimer {
        timers.withLock { Self.instrument(Key(name: ExactText(name), entry: entry), in: &$0, MetricTimer.init) }
    }

    private static func instrument<Made>(_ key: Key, in made: inout [Key: Made], _ make: () -> Made) -> Made {
        if let instrument = made[key] { return instrument }
        let instrument = make()
        made[key] = instrument
        return instrument
    }

    /// Has an entry's gauges, names and values, measured of an object whenever they are asked for, as long as somebody
    /// refers to it; what measured them before does not any more.
    package func measure<Subject: AnyObject & Sendable>(
        _ subject: Subject, of entry: EntryID,
        by measurement: @escaping @Sendable (Subject) async -> [ExactText: Double]
    ) {
        let added = Measurements.Measurement(subject: subject) { [weak subject] in
            guard let subject else { return [:] }
            return await measurement(subject)
        }
        measurements.withLock { $0.add(added, of: entry) }
    }

    /// The values of all gauges now, such as `queue.ready` of each queue.
    ///
    /// A value that cannot be measured now is left out.
    public var gauges: [Key: Double] {
        get async {
            var gauges: [Key: Double] = [:]
            for (entry, measurement) in measurements.withLock(\.all) {
                for (name, value) in await measurement.measure() { gauges[Key(name: name, entry: entry)] = value }
            }
            return gauges
        }
    }

    /// The values of all counters now.
    public var counts: [Key: Int] { counters.withLock { $0.mapValues(\.value) } }

    /// The readings of all timers now.
    public var timings: [Key: MetricTimer.Reading] { timers.withLock { $0.mapValues(\.reading) } }
}

/// A number that grows.
///
/// Adding takes no lock.
public final class Counter: Sendable {
    private let count = Atomic(0)

    /// A counter at 0.
    public init() {}

    /// Adds to the counter.
    ///
    /// It wraps around past the largest number.
    public func add(_ amount: Int = 1) {
        count.wrappingAdd(amount, ordering: .relaxed)
    }

    /// The sum of what was added.
    public var value: Int { count.load(ordering: .relaxed) }
}

/// Counts durations: how many, their sum, and the longest.
///
/// Recording takes no lock.
public final class MetricTimer: Sendable {
    /// What a timer has recorded.
    public struct Reading: Hashable, Sendable {
        /// How many durations were recorded.
        public let count: Int
        /// Their sum.
        public let total: Duration
        /// The longest.
        public let longest: Duration
    }

    private let count = Atomic(0)
    private let nanoseconds = Atomic(0)
    private let most = Atomic(0)

    /// A timer that has recorded nothing.
    public init() {}

    /// Records a duration.
    public func record(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        record(nanoseconds: Int(clamping: seconds) &* 1_000_000_000 &+ Int(attoseconds / 1_000_000_000))
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

    /// The recorded numbers.
    ///
    /// Each is exact, but the three may be of different moments.
    public var reading: Reading {
        Reading(
            count: count.load(ordering: .relaxed), total: .nanoseconds(nanoseconds.load(ordering: .relaxed)),
            longest: .nanoseconds(most.load(ordering: .relaxed)))
    }
}
