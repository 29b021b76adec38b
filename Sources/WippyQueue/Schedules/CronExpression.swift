import WippyText
public import WippyValues

/// The times of a schedule in the form of cron: `0 3 * * mon-fri`.
///
/// A day matches if the day of the month and the weekday both match. If neither of these two fields begins with `*`,
/// one match is enough.
public struct CronExpression: Sendable, Equatable {
    /// The text from which the expression was read.
    public let text: String
    let minutes, hours, days, months, weekdays: NumberSet
    let takesEitherDay: Bool

    /// The expression `* * * * *`, which matches every minute.
    public static let everyMinute = CronExpression(
        text: "* * * * *", minutes: NumberSet(0...59), hours: NumberSet(0...23), days: NumberSet(1...31),
        months: NumberSet(1...12), weekdays: NumberSet(0...6), takesEitherDay: false)

    /// True if a time in every hour matches.
    ///
    /// Such a schedule counts hours and not times of day.
    private var isEveryHour: Bool { hours == NumberSet(0...23) }

    /// The beginning of the year 0, at which searches begin at the earliest.
    private static let beginning = CalendarTime.days(year: 0, month: 1, day: 1) * 86_400

    /// The last day of the year 9999, at which searches end.
    private static let end = CalendarTime.days(year: 9999, month: 12, day: 31) * 86_400

    /// A time that is longer than clocks are ever put back, in seconds.
    private static let longestRepetition = 2 * 86_400

    /// Returns the first matching time after another one, both in seconds since 1970.
    ///
    /// When the clocks of the zone go forward, the skipped times come once, together, at the first moment after the
    /// gap. When the clocks go back, the repeated times do not come again. For an expression with every hour of the
    /// day, neither rule applies: it matches whenever the clocks show a matching time.
    ///
    /// - Returns: nil if no time matches before the last day of the year 9999. The first time that can match is the
    ///   beginning of the year 0.
    public func next(after second: Int, in zone: ZoneRules) -> Int? {
        let second = max(second, Self.beginning - 1)
        // The offsets of the zone, one after another. The first begins before a repetition that may be under way.
        var start = second - Self.longestRepetition
        var shown = start + zone.offset(at: start).seconds
        while start < Self.end {
            let offset = zone.offset(at: start).seconds
            let end = min(zone.change(after: start) ?? Self.end, Self.end)
            let local = start + offset
            if !isEveryHour, start > second, firstMatch(from: shown, before: local) != nil { return start }
            let from = max(second + 1 + offset, isEveryHour ? local : max(local, shown))
            if let match = firstMatch(from: from, before: end + offset) { return match - offset }
            shown = max(shown, end + offset)
            start = end
        }
        return nil
    }

    /// Returns the first matching time from `first` on and before `end`; nil if there is none.
    ///
    /// Times are in seconds since 1970, as if the clocks showed UTC.
    private func firstMatch(from first: Int, before end: Int) -> Int? {
        guard first < end else { return nil }
        let start = CalendarTime(secondsSince1970: first + 59)
        var (year, month, day) = (start.year, start.month, start.day)
        var minuteOfDay = start.hour * 60 + start.minute
        while true {
            let firstDay = CalendarTime.days(year: year, month: month, day: 1)
            guard firstDay * 86_400 < end else { return nil }
            if months.contains(month) {
                for day in day...max(day, CalendarTime.days(year: year, month: month + 1, day: 1) - firstDay) {
                    let date = firstDay + day - 1
                    if matches(day: day, weekday: NumberSet.weekday(of: date)),
                        let minute = firstMinute(from: minuteOfDay)
                    {
                        let match = date * 86_400 + minute * 60
                        return match < end ? match : nil
                    }
                    minuteOfDay = 0
                }
            }
            (year, month) = month == 12 ? (year + 1, 1) : (year, month + 1)
            (day, minuteOfDay) = (1, 0)
        }
    }

    private func matches(day: Int, weekday: Int) -> Bool {
        let (isDay, isWeekday) = (days.contains(day), weekdays.contains(weekday))
        return takesEitherDay ? isDay || isWeekday : isDay && isWeekday
    }

    /// Returns the number of the first matching minute of a day, at or after another minute.
    private func firstMinute(from minuteOfDay: Int) -> Int? {
        let (hour, minute) = (minuteOfDay / 60, minuteOfDay % 60)
        if hours.contains(hour), let match = minutes.first(from: minute) { return hour * 60 + match }
        return hours.first(from: hour + 1).flatMap { hour in minutes.first(from: 0).map { hour * 60 + $0 } }
    }
}

/// A set of numbers from 0 to 63.
struct NumberSet: Sendable, Equatable {
    private var bits: UInt64 = 0

    init() {}

    init(_ numbers: some Sequence<Int>) {
        for number in numbers { insert(number) }
    }

    mutating func insert(_ number: Int) { bits |= 1 << UInt64(number) }

    func contains(_ number: Int) -> Bool { bits >> UInt64(number) & 1 == 1 }

    /// The least number of the set that is not below another number.
    func first(from number: Int) -> Int? {
        let rest = number < 64 ? bits >> UInt64(number) : 0
        return rest == 0 ? nil : number + rest.trailingZeroBitCount
    }

    /// Returns the weekday of a day, which counts from 1970.
    ///
    /// The weekday is from 0 (Sunday) to 6.
    static func weekday(of day: Int) -> Int { ((day + 4) % 7 + 7) % 7 }
}
