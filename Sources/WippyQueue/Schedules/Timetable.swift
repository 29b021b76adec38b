import WippyDefinition
import WippyText
import WippyValues

/// The times at which a schedule publishes: its ticks, in seconds since 1970.
enum Timetable: Sendable, Equatable {
    /// The times of a cron expression in a time zone.
    case cron(CronExpression, ZoneRules)
    /// Every time at which the seconds since 1970 in UTC are a multiple of this number.
    case every(Int)

    /// Returns the first tick after a second; nil if there is no later tick.
    func next(after second: Int) -> Int? {
        switch self {
        case .cron(let expression, let zone): return expression.next(after: second, in: zone)
        case .every(let period):
            let (tick, isBeyond) = (second - Self.remainder(of: second, by: period)).addingReportingOverflow(period)
            return isBeyond ? nil : tick
        }
    }

    private static func remainder(of second: Int, by period: Int) -> Int { (second % period + period) % period }

    /// Returns the last ticks after `first`, up to `last`, oldest first.
    ///
    /// No tick is before 1970. It looks back in growing steps, so many earlier ticks take no time.
    func latest(atMost most: Int, after first: Int, through last: Int) -> [Int] {
        // A damaged mark may have any number.
        let first = max(first, -1)
        var span = 60
        while true {
            let start = max(first, last - span)
            var ticks: [Int] = []
            while let tick = next(after: ticks.last ?? start), tick <= last { ticks.append(tick) }
            if ticks.count >= most || start == first { return Array(ticks.suffix(most)) }
            span *= 4
        }
    }

    /// The timetable as text.
    ///
    /// If a stored text differs, the schedule has changed.
    var definition: String {
        switch self {
        case .cron(let expression, let zone): "\(expression.text) \(zone.name)"
        case .every(let period): "every \(period)s"
        }
    }
}

/// The treatment of ticks that passed while the application did not run or could not publish.
enum MissedTicks: String, FieldChoice {
    case once, all, skip

    /// The largest number of due ticks that make a message.
    var most: Int { self == .all ? Self.mostOfAll : 1 }

    /// The largest number of due ticks that make a message each.
    static let mostOfAll = 1000
}
