import WippyDefinition
import WippyText
import WippyValues

/// When a schedule fires: its ticks, in seconds since 1970.
enum Timetable: Sendable, Equatable {
    /// By the clocks of a place.
    case cron(CronExpression, ScheduleZone)
    /// Whenever the time since the beginning of 1970, in UTC, is a multiple of so many seconds.
    case every(Int)

    /// The first tick after a moment; nil if there is none any more.
    func next(after second: Int) -> Int? {
        switch self {
        case .cron(let expression, let zone): return expression.next(after: second, in: zone.rules)
        case .every(let period):
            let (tick, isBeyond) = (second - Self.remainder(of: second, by: period)).addingReportingOverflow(period)
            return isBeyond ? nil : tick
        }
    }

    private static func remainder(of second: Int, by period: Int) -> Int { (second % period + period) % period }

    /// The last ticks after a moment and not after another one, oldest first.
    ///
    /// It looks back further and further, so that it takes no time that there are many before.
    func latest(atMost most: Int, after first: Int, through last: Int) -> [Int] {
        var span = 60
        while true {
            let start = max(first, last - span)
            var ticks: [Int] = []
            while let tick = next(after: ticks.last ?? start), tick <= last { ticks.append(tick) }
            if ticks.count >= most || start == first { return Array(ticks.suffix(most)) }
            span *= 4
        }
    }

    /// What it is kept as: whoever finds another one has another schedule before him.
    var definition: String {
        switch self {
        case .cron(let expression, let zone): "\(expression.text) \(zone.rules.name)"
        case .every(let period): "every \(period)s"
        }
    }
}

/// What becomes of the ticks of a time in which the application did not run, or could not publish.
enum MissedTicks: String, FieldChoice {
    case once, all, skip

    static var placeholder: MissedTicks { .once }

    /// How many ticks that are due make a message.
    var most: Int { self == .all ? 1000 : 1 }
}
