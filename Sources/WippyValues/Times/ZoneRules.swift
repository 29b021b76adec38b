import Glibc
package import WippyText

/// The offset of a place's clocks from UTC, and the times at which the offset changes.
public struct ZoneRules: Sendable {
    /// The offset during a period.
    package struct Offset: Sendable, Equatable {
        /// The number of seconds by which the clocks are ahead of UTC.
        package let seconds: Int
        /// The usual abbreviation, such as "CET".
        package let abbreviation: String
        /// True for daylight saving time.
        package let isDaylight: Bool

        package init(seconds: Int, abbreviation: String, isDaylight: Bool = false) {
            self.seconds = seconds
            self.abbreviation = abbreviation
            self.isDaylight = isDaylight
        }
    }

    /// The name of the place, such as "Europe/Vienna".
    ///
    /// The name of ``utc`` is "UTC". The name of ``local`` is "Local", or "UTC" if its zone cannot be read.
    public let name: String
    private let initial: Offset
    /// The changes of the offset in order, each with its time in seconds since 1970.
    private var changes: [(second: Int, offset: Offset)] = []
    /// The rule that applies after the last change.
    private var yearly: YearlyRule?

    /// Creates a place whose offset never changes.
    package init(name: String, seconds: Int) {
        self.name = name
        initial = Offset(seconds: seconds, abbreviation: name)
    }

    /// Coordinated universal time.
    public static let utc = ZoneRules(name: "UTC", seconds: 0)

    /// The zone of this machine: the zone that `TZ` names, otherwise the zone of `/etc/localtime`.
    ///
    /// It is UTC if that zone cannot be read.
    public static let local: ZoneRules = {
        let variable = unsafe getenv("TZ").map { unsafe String(cString: $0) }
        if let variable, !variable.isEmpty {
            let name = variable.utf8.first == UInt8(ascii: ":") ? String(variable.dropFirst()) : variable
            return ZoneRules(named: name).map { $0.renamed("Local") } ?? .utc
        }
        return bytes(ofFile: "/etc/localtime").flatMap { ZoneRules($0, name: "Local") } ?? .utc
    }()

    /// The shape of a name: the path of a file, in which no part begins with a dot.
    package static let nameShape: TextShape = {
        let first = Alphabet("!"..."-", "0"..."[", "]"..."~")
        let step = TextShape.sequence([.character(first), .any(Alphabet("!"...".", "0"..."[", "]"..."~"))])
        return .list(of: step, separatedBy: "/")
    }()

    /// Reads the zone with a name from the system; nil if the system has no such zone.
    public init?(named name: String) {
        if name == "UTC" {
            self = .utc
            return
        }
        guard Self.nameShape.matches(name), let bytes = Self.bytes(ofFile: "/usr/share/zoneinfo/" + name) else {
            return nil
        }
        self.init(bytes, name: name)
    }

    /// The names of the system's zones; empty if the system has no list of them.
    package static let names: [String] = {
        // "Z Europe/Vienna 1:5:21 …" is a zone, and "L Europe/Vienna Europe/Bratislava" is another name for a zone.
        let lines = bytes(ofFile: "/usr/share/zoneinfo/tzdata.zi", most: 1 << 20)?.split(separator: UInt8(ascii: "\n"))
        return (lines ?? []).compactMap { line in
            let words = line.split(separator: UInt8(ascii: " "))
            let place = words.first == [UInt8(ascii: "Z")] ? 1 : words.first == [UInt8(ascii: "L")] ? 2 : words.count
            return words.dropFirst(place).first.map { String(decoding: $0, as: UTF8.self) }
        }
    }()

    private func renamed(_ name: String) -> ZoneRules {
        var zone = ZoneRules(name: name, initial: initial)
        (zone.changes, zone.yearly) = (changes, yearly)
        return zone
    }

    private init(name: String, initial: Offset) {
        self.name = name
        self.initial = initial
    }

    /// Returns the offset at a time in seconds since 1970.
    package func offset(at second: Int) -> Offset {
        if let yearly, second >= changes.last?.second ?? .min { return yearly.offset(at: second) }
        var (low, high) = (0, changes.count)
        while low < high {
            let middle = (low + high) / 2
            if changes[middle].second <= second { low = middle + 1 } else { high = middle }
        }
        return low == 0 ? initial : changes[low - 1].offset
    }

    /// Returns the first time after `second` at which the offset may change; nil if there is no further change.
    package func change(after second: Int) -> Int? {
        var (low, high) = (0, changes.count)
        while low < high {
            let middle = (low + high) / 2
            if changes[middle].second <= second { low = middle + 1 } else { high = middle }
        }
        return low < changes.count ? changes[low].second : yearly?.change(after: second)
    }

    /// Returns the time at which the clocks of the place show a local time, in seconds since 1970.
    ///
    /// - Parameter local: the local time in seconds since 1970, as if it were UTC. If the clocks show it twice, the
    ///   result is one of the two times. If they skip it, the result uses the offset before or after the gap.
    package func second(ofLocal local: Int) -> Int {
        let guess = local - offset(at: local).seconds
        return local - offset(at: guess).seconds
    }
}

extension ZoneRules: Equatable {
    /// True if both have the same name, and the same offset before their first change.
    public static func == (left: ZoneRules, right: ZoneRules) -> Bool {
        ExactText.areEqual(left.name, right.name) && left.initial == right.initial
    }
}

extension ZoneRules {
    /// Reads a zone file; nil if the bytes are not a zone file.
    package init?(_ bytes: [UInt8], name: String) {
        var file = ZoneFile(bytes: bytes)
        guard let first = file.header() else { return nil }
        var header = first
        if header.version >= 2 {
            // The 64-bit part follows the 32-bit part.
            file.index += header.size(timeSize: 4)
            guard let second = file.header() else { return nil }
            header = second
        }
        let timeSize = header.version >= 2 ? 8 : 4
        guard header.types > 0, file.index + header.size(timeSize: timeSize) <= bytes.count else { return nil }
        let seconds = (0..<header.times).map { _ in file.number(timeSize) }
        let kinds = (0..<header.times).map { _ in file.number(1) & 0xff }
        let types = (0..<header.types).map { _ in (file.number(4), file.number(1) != 0, file.number(1) & 0xff) }
        let names = Array(bytes[file.index..<file.index + header.characters])
        let offsets = types.map { seconds, isDaylight, place in
            let name = names.dropFirst(place).prefix { $0 != 0 }
            return Offset(
                seconds: seconds, abbreviation: String(decoding: name, as: UTF8.self), isDaylight: isDaylight)
        }
        guard kinds.allSatisfy({ $0 < offsets.count }) else { return nil }
        file.index += header.characters + header.leaps * (timeSize + 4) + header.standards + header.universals
        self.init(name: name, initial: offsets.first { !$0.isDaylight } ?? offsets[0])
        changes = zip(seconds, kinds).map { ($0, offsets[$1]) }
        guard header.version >= 2, file.index < bytes.count else { return }
        let footer = bytes[(file.index + 1)...].prefix { $0 != UInt8(ascii: "\n") }
        yearly = YearlyRule(String(decoding: footer, as: UTF8.self))
    }

    /// - Parameter most: the largest number of bytes to read. The longest file of a zone has 4 KiB.
    private static func bytes(ofFile path: String, most: Int = 1 << 16) -> [UInt8]? {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: most)
        let count = unsafe bytes.withUnsafeMutableBytes { unsafe read(descriptor, $0.baseAddress, $0.count) }
        return count > 0 ? Array(bytes.prefix(count)) : nil
    }
}

/// The parts of a zone file.
private struct ZoneFile {
    let bytes: [UInt8]
    var index = 0

    struct Header {
        let version: Int
        let universals, standards, leaps, times, types, characters: Int

        func size(timeSize: Int) -> Int {
            times * (timeSize + 1) + types * 6 + characters + leaps * (timeSize + 4) + standards + universals
        }
    }

    mutating func header() -> Header? {
        guard index + 44 <= bytes.count, bytes[index...].starts(with: "TZif".utf8) else { return nil }
        let version = bytes[index + 4] == 0 ? 1 : Int(bytes[index + 4]) - 48
        index += 20
        let counts = (0..<6).map { _ in number(4) }
        guard counts.allSatisfy({ 0..<100_000 ~= $0 }) else { return nil }
        return Header(
            version: version, universals: counts[0], standards: counts[1], leaps: counts[2], times: counts[3],
            types: counts[4], characters: counts[5])
    }

    /// Reads a number with a sign from the next bytes, the highest byte first.
    mutating func number(_ size: Int) -> Int {
        var number = Int(Int8(bitPattern: bytes[index]))
        for place in 1..<max(size, 1) { number = number << 8 | Int(bytes[index + place]) }
        index += size
        return number
    }
}

/// The days on which the clocks change each year: `CET-1CEST,M3.5.0,M10.5.0/3` (POSIX).
private struct YearlyRule: Sendable {
    private let standard: ZoneRules.Offset
    private let daylight: ZoneRules.Offset?
    private var begin = Day.julian(0)
    private var end = Day.julian(0)
    private var beginSecond = 7200
    private var endSecond = 7200

    private enum Day {
        /// A weekday in a week of a month.
        ///
        /// Week 5 is the last one.
        case week(month: Int, week: Int, weekday: Int)
        /// The day of the year from 1.
        ///
        /// February 29 does not count.
        case withoutLeapDay(Int)
        /// The day of the year from 0.
        case julian(Int)
    }

    init?(_ text: String) {
        var reader = RuleReader(text: Array(text.utf8))
        guard let name = reader.name(), let offset = reader.time() else { return nil }
        standard = .init(seconds: -offset, abbreviation: name)
        guard let name = reader.name() else {
            daylight = nil
            return
        }
        let ahead = reader.time() ?? offset - 3600
        daylight = .init(seconds: -ahead, abbreviation: name, isDaylight: true)
        guard let (begin, beginSecond) = Self.day(&reader), let (end, endSecond) = Self.day(&reader) else { return nil }
        (self.begin, self.beginSecond, self.end, self.endSecond) = (begin, beginSecond, end, endSecond)
    }

    private static func day(_ reader: inout RuleReader) -> (Day, Int)? {
        guard reader.take(",") else { return nil }
        let day: Day
        if reader.take("M") {
            guard let month = reader.number(), reader.take("."), let week = reader.number(), reader.take("."),
                let weekday = reader.number(), 1...12 ~= month, 1...5 ~= week, 0...6 ~= weekday
            else { return nil }
            day = .week(month: month, week: week, weekday: weekday)
        } else if reader.take("J") {
            guard let number = reader.number(), 1...365 ~= number else { return nil }
            day = .withoutLeapDay(number)
        } else {
            guard let number = reader.number(), 0...365 ~= number else { return nil }
            day = .julian(number)
        }
        guard reader.take("/") else { return (day, 7200) }
        return reader.time().map { (day, $0) }
    }

    func offset(at second: Int) -> ZoneRules.Offset {
        guard let daylight else { return standard }
        let year = CalendarTime(secondsSince1970: second + standard.seconds).year
        let (begin, end) = changes(in: year, daylight)
        let isDaylight =
            begin < end ? second >= begin && second < end : second >= begin || second < end
        return isDaylight ? daylight : standard
    }

    func change(after second: Int) -> Int? {
        guard let daylight else { return nil }
        let year = CalendarTime(secondsSince1970: second + standard.seconds).year
        return (year - 1...year + 1).flatMap { year in
            let (begin, end) = changes(in: year, daylight)
            return [begin, end]
        }.filter { $0 > second }.min()
    }

    /// The times at which daylight saving time begins and ends.
    private func changes(in year: Int, _ daylight: ZoneRules.Offset) -> (begin: Int, end: Int) {
        (
            Self.second(of: begin, in: year) + beginSecond - standard.seconds,
            Self.second(of: end, in: year) + endSecond - daylight.seconds
        )
    }

    private static func second(of day: Day, in year: Int) -> Int {
        let firstDay = CalendarTime.days(year: year, month: 1, day: 1)
        switch day {
        case .julian(let number): return (firstDay + number) * 86_400
        case .withoutLeapDay(let number):
            let isLeap = CalendarTime.days(year: year + 1, month: 1, day: 1) - firstDay == 366
            return (firstDay + number - (isLeap && number >= 60 ? 0 : 1)) * 86_400
        case .week(let month, let week, let weekday):
            let first = CalendarTime.days(year: year, month: month, day: 1)
            let next = CalendarTime.days(year: year, month: month + 1, day: 1)
            let firstWeekday = CalendarTime(secondsSince1970: first * 86_400).weekday
            var day = first + (weekday - firstWeekday + 7) % 7 + 7 * (week - 1)
            while day >= next { day -= 7 }
            return day * 86_400
        }
    }
}

private struct RuleReader {
    let text: [UInt8]
    var index = 0

    mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        guard index < text.count, text[index] == UInt8(ascii: scalar) else { return false }
        index += 1
        return true
    }

    /// Reads letters, or any text in angle brackets.
    mutating func name() -> String? {
        if take("<") {
            let name = text[index...].prefix { $0 != UInt8(ascii: ">") }
            index += name.count
            return take(">") ? String(decoding: name, as: UTF8.self) : nil
        }
        let name = text[index...].prefix { $0.isLetter }
        index += name.count
        return name.count >= 3 ? String(decoding: name, as: UTF8.self) : nil
    }

    mutating func number() -> Int? {
        let digits = text[index...].prefix { $0.isDigit }
        index += digits.count
        return digits.count <= 6 ? Int(String(decoding: digits, as: UTF8.self)) : nil
    }

    /// Reads a time such as `-1`, `5:30` or `+2:00:00`, in seconds.
    mutating func time() -> Int? {
        let isNegative = take("-")
        if !isNegative { _ = take("+") }
        guard var seconds = number().map({ $0 * 3600 }) else { return nil }
        if take(":"), let minutes = number() { seconds += minutes * 60 }
        if take(":"), let rest = number() { seconds += rest }
        return isNegative ? -seconds : seconds
    }
}
