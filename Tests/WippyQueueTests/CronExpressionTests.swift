import Testing
import WippyText
import WippyValues

@testable import WippyQueue

@Suite("Cron expressions")
struct CronExpressionTests {
    /// An expression, a zone, a moment, and the moments that follow it.
    struct Case: CustomStringConvertible {
        let text, zone, start: String
        let expected: [String]

        init(_ text: String, _ zone: String, after start: String, _ expected: String...) {
            (self.text, self.zone, self.start, self.expected) = (text, zone, start, expected)
        }

        var description: String { "\(text) in \(zone) after \(start)" }
    }

    private static let plain = [
        Case("* * * * *", "UTC", after: "2026-01-31 23:59+00:00", "2026-02-01 00:00+00:00", "2026-02-01 00:01+00:00"),
        Case(
            "*/20 * * * *", "UTC", after: "2026-01-01 00:39+00:00", "2026-01-01 00:40+00:00", "2026-01-01 01:00+00:00"),
        Case(
            "5-20/7,59 8 * * *", "UTC", after: "2026-01-01 08:11+00:00",
            "2026-01-01 08:12+00:00", "2026-01-01 08:19+00:00", "2026-01-01 08:59+00:00", "2026-01-02 08:05+00:00"),
        Case("0 3 * * mon-fri", "UTC", after: "2026-11-27 03:00+00:00", "2026-11-30 03:00+00:00"),
        Case("0 3 * * 7", "UTC", after: "2026-11-28 00:00+00:00", "2026-11-29 03:00+00:00", "2026-12-06 03:00+00:00"),
        Case("0 3 * * 0", "UTC", after: "2026-11-28 00:00+00:00", "2026-11-29 03:00+00:00"),
        Case(
            "0 3 * * SAT-Sun", "UTC", after: "2026-11-27 00:00+00:00",
            "2026-11-28 03:00+00:00", "2026-11-29 03:00+00:00", "2026-12-05 03:00+00:00"),
        Case(
            "\t 0  0 1 jan,JUL * ", "UTC", after: "2026-01-01 00:00+00:00",
            "2026-07-01 00:00+00:00", "2027-01-01 00:00+00:00"),
        // Both days are restricted: either is enough. One begins with a star: both must be.
        Case(
            "0 0 13 * fri", "UTC", after: "2026-11-09 00:00+00:00",
            "2026-11-13 00:00+00:00", "2026-11-20 00:00+00:00", "2026-11-27 00:00+00:00", "2026-12-04 00:00+00:00",
            "2026-12-11 00:00+00:00", "2026-12-13 00:00+00:00"),
        Case(
            "0 0 */2 * fri", "UTC", after: "2026-11-01 00:00+00:00", "2026-11-13 00:00+00:00", "2026-11-27 00:00+00:00"),
        Case("0 0 31 * *", "UTC", after: "2026-01-31 00:00+00:00", "2026-03-31 00:00+00:00", "2026-05-31 00:00+00:00"),
        Case("0 0 29 2 *", "UTC", after: "2024-02-29 00:00+00:00", "2028-02-29 00:00+00:00", "2032-02-29 00:00+00:00"),
        Case("0 0 29 2 *", "UTC", after: "2096-02-29 00:00+00:00", "2104-02-29 00:00+00:00"),
        // A 29th of February that is a Sunday, where the weekday begins with a star.
        Case(
            "0 0 29 2 */7", "Europe/Vienna", after: "2026-01-01 00:00+01:00",
            "2032-02-29 00:00+01:00", "2060-02-29 00:00+01:00"),
        Case("0 12 * * *", "Asia/Kolkata", after: "2026-01-01 00:00+00:00", "2026-01-01 12:00+05:30"),
        Case("@hourly", "UTC", after: "2026-01-01 00:00+00:00", "2026-01-01 01:00+00:00"),
        Case("@daily", "Asia/Tokyo", after: "2026-01-01 00:00+00:00", "2026-01-02 00:00+09:00"),
        Case("@midnight", "UTC", after: "2026-01-01 00:00+00:00", "2026-01-02 00:00+00:00"),
        Case("@Weekly", "UTC", after: "2026-11-28 00:00+00:00", "2026-11-29 00:00+00:00"),
        Case("@monthly", "UTC", after: "2026-11-28 00:00+00:00", "2026-12-01 00:00+00:00"),
        Case("@yearly", "UTC", after: "2026-11-28 00:00+00:00", "2027-01-01 00:00+00:00"),
        Case("@annually", "UTC", after: "2026-11-28 00:00+00:00", "2027-01-01 00:00+00:00"),
        Case("30 6 * * *", "UTC", after: "1969-12-30 12:00+00:00", "1969-12-31 06:30+00:00", "1970-01-01 06:30+00:00"),
    ]

    /// What the clocks skip comes once, at the first moment after the gap; an expression of every hour knows no gap.
    private static let forward = [
        Case(
            "30 2 * * *", "Europe/Vienna", after: "2026-03-28 02:00+01:00",
            "2026-03-28 02:30+01:00", "2026-03-29 03:00+02:00", "2026-03-30 02:30+02:00"),
        Case(
            "*/15 2 * * *", "Europe/Vienna", after: "2026-03-28 02:45+01:00",
            "2026-03-29 03:00+02:00", "2026-03-30 02:00+02:00"),
        Case(
            "0 2,3 * * *", "Europe/Vienna", after: "2026-03-28 03:00+01:00",
            "2026-03-29 03:00+02:00", "2026-03-30 02:00+02:00"),
        Case(
            "15 1-3 * * *", "Europe/Vienna", after: "2026-03-29 01:00+01:00",
            "2026-03-29 01:15+01:00", "2026-03-29 03:00+02:00", "2026-03-29 03:15+02:00", "2026-03-30 01:15+02:00"),
        Case(
            "0 */2 * * *", "Europe/Vienna", after: "2026-03-29 00:00+01:00",
            "2026-03-29 03:00+02:00", "2026-03-29 04:00+02:00"),
        Case(
            "30 * * * *", "Europe/Vienna", after: "2026-03-29 01:00+01:00",
            "2026-03-29 01:30+01:00", "2026-03-29 03:30+02:00", "2026-03-29 04:30+02:00"),
        Case(
            "*/30 * * * *", "Europe/Vienna", after: "2026-03-29 01:29+01:00",
            "2026-03-29 01:30+01:00", "2026-03-29 03:00+02:00", "2026-03-29 03:30+02:00"),
        // Only where the skipped date matches.
        Case("30 2 30 3 *", "Europe/Vienna", after: "2026-03-28 00:00+01:00", "2026-03-30 02:30+02:00"),
        Case("30 2 8 3 *", "America/New_York", after: "2026-03-01 00:00-05:00", "2026-03-08 03:00-04:00"),
        // By the rule that goes on after the table of the zone's file.
        Case(
            "30 2 27 3 *", "Europe/Vienna", after: "2050-03-01 00:00+01:00",
            "2050-03-27 03:00+02:00", "2051-03-27 02:30+02:00"),
        // Half an hour.
        Case("15 2 4 10 *", "Australia/Lord_Howe", after: "2026-10-01 00:00+10:30", "2026-10-04 02:30+11:00"),
        // Midnight.
        Case(
            "@daily", "America/Sao_Paulo", after: "2018-11-03 00:00-03:00",
            "2018-11-04 01:00-02:00", "2018-11-05 00:00-02:00"),
        // A whole day.
        Case(
            "0 12 * * *", "Pacific/Apia", after: "2011-12-29 12:00-10:00",
            "2011-12-31 00:00+14:00", "2011-12-31 12:00+14:00"),
        Case("0 * * * *", "Pacific/Apia", after: "2011-12-29 23:00-10:00", "2011-12-31 00:00+14:00"),
    ]

    /// What the clocks show again does not come again, but for an expression of every hour.
    private static let back = [
        Case(
            "30 2 * * *", "Europe/Vienna", after: "2026-10-25 00:00+02:00",
            "2026-10-25 02:30+02:00", "2026-10-26 02:30+01:00"),
        Case("30 2 * * *", "Europe/Vienna", after: "2026-10-25 02:15+01:00", "2026-10-26 02:30+01:00"),
        Case(
            "*/30 2,3 * * *", "Europe/Vienna", after: "2026-10-25 00:00+02:00",
            "2026-10-25 02:00+02:00", "2026-10-25 02:30+02:00", "2026-10-25 03:00+01:00", "2026-10-25 03:30+01:00",
            "2026-10-26 02:00+01:00"),
        Case(
            "0 */2 * * *", "Europe/Vienna", after: "2026-10-25 00:00+02:00",
            "2026-10-25 02:00+02:00", "2026-10-25 04:00+01:00"),
        Case(
            "30 * * * *", "Europe/Vienna", after: "2026-10-25 02:00+02:00",
            "2026-10-25 02:30+02:00", "2026-10-25 02:30+01:00", "2026-10-25 03:30+01:00"),
        Case(
            "0 0-23 25 10 *", "Europe/Vienna", after: "2026-10-25 01:00+02:00",
            "2026-10-25 02:00+02:00", "2026-10-25 02:00+01:00", "2026-10-25 03:00+01:00"),
        Case(
            "30 1 1 11 *", "America/New_York", after: "2026-11-01 00:00-04:00",
            "2026-11-01 01:30-04:00", "2027-11-01 01:30-04:00"),
        Case(
            "45 1 5 4 *", "Australia/Lord_Howe", after: "2026-04-01 00:00+11:00",
            "2026-04-05 01:45+11:00", "2027-04-05 01:45+10:30"),
        // Back over midnight: the day comes once, though its first hour is shown after the next one has begun.
        Case(
            "30 23 * * *", "America/Sao_Paulo", after: "2018-02-17 12:00-02:00",
            "2018-02-17 23:30-02:00", "2018-02-18 23:30-03:00"),
        // Ramadan: twice a year there and back.
        Case(
            "30 2 * * *", "Africa/Casablanca", after: "2025-02-22 12:00+01:00",
            "2025-02-23 02:30+01:00", "2025-02-24 02:30+00:00"),
    ]

    @Test(
        "The next moments follow from the fields, and from what the clocks of the zone show",
        arguments: plain + forward + back)
    func next(_ one: Case) throws {
        let expression = try CronExpression(one.text)
        let zone = try #require(ZoneRules(named: one.zone))
        var moment = try Self.second(one.start)
        for expected in one.expected {
            moment = try #require(expression.next(after: moment, in: zone))
            #expect(moment == (try Self.second(expected)), "expected \(expected), got \(Self.text(moment, in: zone))")
        }
    }

    @Test("What was found minute by minute over years of changes is what is found at once")
    func agreesWithTheClocks() throws {
        // An expression of every hour follows the clocks, so it can be compared with them directly.
        let zone = try #require(ZoneRules(named: "Australia/Lord_Howe"))
        let expression = try CronExpression("17,45 * 1-10 4,10 *")
        let (start, end) = (try Self.second("2026-03-30 00:00+00:00"), try Self.second("2027-11-01 00:00+00:00"))
        let expected = stride(from: start, to: end, by: 60).filter { second in
            let time = CalendarTime(secondsSince1970: second + zone.offset(at: second).seconds)
            return [17, 45].contains(time.minute) && (1...10).contains(time.day) && [4, 10].contains(time.month)
        }
        var found: [Int] = []
        while let next = expression.next(after: found.last ?? start - 1, in: zone), next < end { found.append(next) }
        #expect(found == expected)
    }

    @Test("The first moment is in the year 0, however early the search begins")
    func beginning() throws {
        let yearly = try CronExpression("0 0 1 1 *")
        let first = try Self.second("0000-01-01 00:00+00:00")
        #expect(yearly.next(after: .min, in: .utc) == first)
        #expect(yearly.next(after: first, in: .utc) == (try Self.second("0001-01-01 00:00+00:00")))
    }

    @Test("There is no moment after the year 9999")
    func endOfYears() throws {
        let second = try Self.second("9999-12-30 23:58+00:00")
        #expect(try CronExpression("* * * * *").next(after: second, in: .utc) == second + 60)
        #expect(try CronExpression("* * * * *").next(after: second + 60, in: .utc) == nil)
        #expect(try CronExpression("0 0 1 1 *").next(after: second, in: .utc) == nil)
    }

    private static let problems: [(String, Int, String)] = [
        ("", 0, "is empty: it must have five fields, such as '0 3 * * *'"),
        ("0 3 * *", 0, "has 4 of its five fields: minute, hour, day of the month, month, weekday"),
        ("0 0 3 * * *", 10, "has 6 fields, but must have five: minute, hour, day of the month, month, weekday"),
        ("75 * * * *", 0, "has a minute of '75': it must be 0 through 59"),
        ("0,30,60 * * * *", 5, "has a minute of '60': it must be 0 through 59"),
        ("0  24 * * *", 3, "has an hour of '24': it must be 0 through 23"),
        ("0 0 0 * *", 4, "has a day of the month of '0': it must be 1 through 31"),
        ("0 0 L * *", 4, "has a day of the month of 'L': it must be 1 through 31"),
        ("0 0 1 foo *", 6, "has a month of 'foo': it must be 1 through 12, or jan through dec"),
        ("0 0 * * 8", 8, "has a weekday of '8': it must be 0 through 7, or sun through sat"),
        ("0 0 * * mon#1", 8, "has a weekday of 'mon#1': it must be 0 through 7, or sun through sat"),
        ("0 -1 * * *", 2, "has an empty hour: it must be 0 through 23"),
        ("1,,2 * * * *", 2, "has an empty minute: it must be 0 through 59"),
        ("0 22-2 * * *", 2, "has the hours '22-2', which run backwards: write '22-23,0-2'"),
        ("*/90 * * * *", 2, "has a step of '90' in its minute: it must be 1 through 59"),
        ("*/0 * * * *", 2, "has a step of '0' in its minute: it must be 1 through 59"),
        ("*/ * * * *", 2, "has a step of '' in its minute: it must be 1 through 59"),
        ("*/+5 * * * *", 2, "has a step of '+5' in its minute: it must be 1 through 59"),
        ("5/15 * * * *", 0, "has a step after one minute: write '5-59/15'"),
        ("0 0 30 2 *", 4, "never comes: none of its months has a day 30"),
        ("0 0 31 4,jun,9,11 *", 4, "never comes: none of its months has a day 31"),
        ("99999999999999999999 * * * *", 0, "has a minute of '99999999999999999999': it must be 0 through 59"),
        (" @every 5m", 1, "has '@every': write the field 'every' instead"),
        ("@reboot", 0, "has '@reboot': it is a start, not a time; do such work in a service that runs at each start"),
        (
            "@dayly", 0,
            "has '@dayly': it must stand alone and be one of @hourly, @daily, @midnight, @weekly, @monthly, @yearly, "
                + "@annually"
        ),
    ]

    @Test("What is no expression is refused with its place", arguments: problems)
    func problem(_ text: String, _ offset: Int, _ message: String) {
        #expect(throws: CronProblem(offset: offset, message: message)) { try CronExpression(text) }
    }

    @Test("A day that some year has, or that the weekday can replace, is none that never comes")
    func possible() throws {
        _ = try CronExpression("0 0 29 2 *")
        _ = try CronExpression("0 0 30,31 2 1")
    }

    private static func second(_ text: String) throws -> Int {
        let match = try #require(text.wholeMatch(of: /(\d+)-(\d+)-(\d+) (\d+):(\d+)([+-])(\d+):(\d+)/))
        let numbers = [match.1, match.2, match.3, match.4, match.5, match.7, match.8].compactMap { Int($0) }
        let local =
            CalendarTime.days(year: numbers[0], month: numbers[1], day: numbers[2]) * 86_400 + numbers[3] * 3600
            + numbers[4] * 60
        let offset = numbers[5] * 3600 + numbers[6] * 60
        return local - (match.6 == "+" ? offset : -offset)
    }

    private static func text(_ second: Int, in zone: ZoneRules) -> String {
        let offset = zone.offset(at: second).seconds
        return "\(CalendarTime(secondsSince1970: second + offset).internetDate.dropLast()) with \(offset / 60) minutes"
    }
}
