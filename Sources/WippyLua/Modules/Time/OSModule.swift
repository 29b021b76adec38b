import LuaEngine
import WippyText
import WippyValues

extension ScriptModule {
    /// `os`: the time of day.
    ///
    /// It has no functions that access the system.
    static let os = ScriptModule(
        "os",
        [
            .value("platform", "wippy"),
            .function("time") { stack in
                guard stack.type(at: 1) == .table else {
                    return stack.give(UnixTime.now)
                }
                let now = CalendarTime(secondsSince1970: localSecond(UnixTime.now))
                do throws(LuaError) {
                    _ = try stack.namedValues(at: 1, as: DatePart.self)
                } catch {
                    throw LuaRaise.argument(1, error.message)
                }
                func part(_ part: DatePart, default value: Int) -> Int {
                    stack.pushField(part.rawValue, at: 1)
                    defer { stack.pop() }
                    return stack.integer(at: -1) ?? value
                }
                let days = CalendarTime.days(
                    year: part(.year, default: now.year), month: part(.month, default: now.month),
                    day: part(.day, default: now.day))
                let second = LuaTime.secondOfDay(
                    hour: part(.hour, default: 0), minute: part(.min, default: 0), second: part(.sec, default: 0))
                return stack.give(ZoneRules.local.second(ofLocal: days * 86_400 + second))
            },
            .function("clock") { [start = UnixTime.nanoseconds] stack in
                stack.give(Double(UnixTime.nanoseconds - start) / 1e9)
            },
            .function("difftime") { stack in
                stack.give(try stack.checkNumber(at: 1) - (stack.isNil(at: 2) ? 0 : try stack.checkNumber(at: 2)))
            },
            .function("date") { stack in
                var format = stack.isNil(at: 1) ? Array("%c".utf8)[...] : try stack.checkBytes(at: 1)[...]
                let second = try stack.checkInteger(at: 2, default: UnixTime.now)
                let isUniversal = format.first == UInt8(ascii: "!")
                if isUniversal { format = format.dropFirst() }
                let date = OSDate(second: second, zone: isUniversal ? .utc : .local)
                if format.starts(with: "*t".utf8) { date.push(on: stack) } else { stack.push(date.text(format)) }
                return .one
            },
        ],
        isListed: false)

    private static func localSecond(_ second: Int) -> Int { second + ZoneRules.local.offset(at: second).seconds }
}

/// The names in the table of a date and time: those that `os.date` gives.
///
/// `os.time` reads only the date and the time of day.
private enum DatePart: String, CaseIterable {
    case year, month, day, hour, min, sec, wday, yday, isdst
}

/// A date and time for `os.date`.
private struct OSDate {
    let parts: CalendarTime
    let offset: ZoneRules.Offset

    init(second: Int, zone: ZoneRules) {
        let second = min(max(second, -1 << 40), 1 << 40)
        offset = zone.offset(at: second)
        parts = CalendarTime(secondsSince1970: second + offset.seconds)
    }

    func push(on stack: LuaStack) {
        stack.pushTable(fields: DatePart.allCases.count)
        for part in DatePart.allCases {
            switch part {
            case .year: stack.push(parts.year)
            case .month: stack.push(parts.month)
            case .day: stack.push(parts.day)
            case .hour: stack.push(parts.hour)
            case .min: stack.push(parts.minute)
            case .sec: stack.push(parts.second)
            case .wday: stack.push(parts.weekday + 1)
            case .yday: stack.push(parts.dayOfYear)
            case .isdst: stack.push(offset.isDaylight)
            }
            stack.setField(part.rawValue, at: -2)
        }
    }

    /// Replaces each `%` and letter in a format.
    ///
    /// Unknown letters stay as they are.
    func text(_ format: ArraySlice<UInt8>) -> [UInt8] {
        var text: [UInt8] = []
        var index = format.startIndex
        while index < format.endIndex {
            if format[index] == UInt8(ascii: "%"), index + 1 < format.endIndex {
                append(format[index + 1], to: &text)
                index += 2
            } else {
                text.append(format[index])
                index += 1
            }
        }
        return text
    }

    private func append(_ letter: UInt8, to text: inout [UInt8]) {
        let hour = parts.hour % 12 == 0 ? 12 : parts.hour % 12
        switch Unicode.Scalar(letter) {
        case "a": text += LuaTime.weekdays[parts.weekday].utf8.prefix(3)
        case "A": text += LuaTime.weekdays[parts.weekday].utf8
        case "b": text += LuaTime.months[parts.month - 1].utf8.prefix(3)
        case "B": text += LuaTime.months[parts.month - 1].utf8
        case "c":
            text +=
                self.text(Array("%a %b ".utf8)[...]) + padded(parts.day, 2, " ") + self.text(Array(" %X %Y".utf8)[...])
        case "d": text.append(number: parts.day, digits: 2)
        case "H": text.append(number: parts.hour, digits: 2)
        case "I": text.append(number: hour, digits: 2)
        case "j": text.append(number: parts.dayOfYear, digits: 3)
        case "m": text.append(number: parts.month, digits: 2)
        case "M": text.append(number: parts.minute, digits: 2)
        case "p": text += (parts.hour < 12 ? "AM" : "PM").utf8
        case "S": text.append(number: parts.second, digits: 2)
        case "U", "W": text.append(number: parts.week, digits: 2)
        case "w": text.append(number: parts.weekday, digits: 1)
        case "x": text += self.text(Array("%m/%d/%y".utf8)[...])
        case "X": parts.appendTimeOfDay(to: &text)
        case "y": text.append(number: parts.year, digits: 2)
        case "Y": text.append(number: parts.year, digits: 4)
        case "z": text += LuaTime.offsetText(offset.seconds, colon: false)
        case "Z": text += offset.abbreviation.utf8
        case "%": text.append(letter)
        default: text += [UInt8(ascii: "%"), letter]
        }
    }

    private func padded(_ number: Int, _ width: Int, _ pad: String) -> [UInt8] {
        let digits = Array(String(number).utf8)
        return Array(repeating: pad.utf8.first ?? 0x20, count: max(width - digits.count, 0)) + digits
    }
}
