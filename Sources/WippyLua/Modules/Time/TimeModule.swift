import LuaEngine
import WippyDefinition
import WippyRuntime
import WippyText
import WippyValues

extension ScriptModule {
    /// `time`: times, durations, zones and timers.
    static let time = ScriptModule(
        "time",
        durations + layouts + monthsAndWeekdays + timeFunctions)

    private static let timeFunctions: [LuaMember] = [
        .object("utc") { $0.push(LuaZone(.utc), as: LuaZone.type) },
        .object("localtz") { $0.push(LuaZone(.local), as: LuaZone.type) },
        .function("now") { stack in stack.give(LuaTime(nanoseconds: UnixTime.nanoseconds, zone: .local)) },
        .function("date") { stack in try date(stack) },
        .function("unix") { stack in
            let (second, nanosecond) = (try stack.checkInteger(at: 1), try stack.checkInteger(at: 2))
            return stack.give(LuaTime(second: second, nanosecond: nanosecond, zone: .local))
        },
        .function("parse") { stack in
            let layout = GoLayout(try stack.checkBytes(at: 1))
            let text = try stack.checkBytes(at: 2)
            do {
                return stack.succeed(try layout.parse(text, zone: try stack.zone(at: 3)), as: LuaTime.type)
            } catch let error as GoLayout.ParsingError {
                return stack.fail(.invalid(error.problem))
            }
        },
        .function("parse_duration") { stack in
            stack.withDuration(at: 1) { nanoseconds in
                stack.succeed(LuaDuration(nanoseconds), as: LuaDuration.type)
            }
        },
        .function("load_location") { stack in
            let name = try stack.checkString(at: 1)
            guard !name.isEmpty else { return stack.fail(.invalid("the name of the location is empty")) }
            guard let zone = name == "Local" ? .local : ZoneRules(named: name) else {
                return stack.fail(.notFound("unknown time zone \(name)"))
            }
            return stack.succeed(LuaZone(zone), as: LuaZone.type)
        },
        .function("fixed_zone") { stack in
            let (name, seconds) = (try stack.checkString(at: 1), try stack.checkInteger(at: 2))
            return stack.give(
                LuaZone(ZoneRules(name: name, seconds: min(max(seconds, -360_000), 360_000))), as: LuaZone.type)
        },
        .function("sleep") { stack in
            try stack.withDuration(at: 1) { nanoseconds in
                guard nanoseconds > 0 else { return .none }
                let clock = try stack.call.clock
                return .wait {
                    try await clock.sleep(for: .nanoseconds(nanoseconds))
                } then: { _, result in
                    try result.get()
                    return .none
                }
            }
        },
        .function("after") { stack in
            try stack.withWait(at: 1) { nanoseconds in
                let timer = LuaTimer(clock: try stack.call.clock)
                try timer.start(nanoseconds, in: stack.state)
                return stack.give(timer.channel)
            }
        },
        .function("timer") { stack in
            try stack.withWait(at: 1) { nanoseconds in
                let timer = LuaTimer(clock: try stack.call.clock)
                try timer.start(nanoseconds, in: stack.state)
                return stack.succeed(timer, as: LuaTimer.timerType)
            }
        },
        .function("ticker") { stack in
            try stack.withWait(at: 1) { nanoseconds in
                let timer = LuaTimer(clock: try stack.call.clock, repeats: true)
                try timer.start(nanoseconds, in: stack.state)
                return stack.succeed(timer, as: LuaTimer.tickerType)
            }
        },
    ]

    private static let durations: [LuaMember] = [
        .value("NANOSECOND", 1), .value("MICROSECOND", 1000), .value("MILLISECOND", 1_000_000),
        .value("SECOND", 1_000_000_000), .value("MINUTE", 60_000_000_000), .value("HOUR", 3_600_000_000_000),
    ]

    private static let layouts: [LuaMember] = [
        .value("RFC3339", "2006-01-02T15:04:05Z07:00"), .value("RFC3339NANO", "2006-01-02T15:04:05.999999999Z07:00"),
        .value("RFC822", "02 Jan 06 15:04 MST"), .value("RFC822Z", "02 Jan 06 15:04 -0700"),
        .value("RFC850", "Monday, 02-Jan-06 15:04:05 MST"), .value("RFC1123", "Mon, 02 Jan 2006 15:04:05 MST"),
        .value("RFC1123Z", "Mon, 02 Jan 2006 15:04:05 -0700"), .value("KITCHEN", "3:04PM"),
        .value("STAMP", "Jan _2 15:04:05"), .value("STAMP_MILLI", "Jan _2 15:04:05.000"),
        .value("STAMP_MICRO", "Jan _2 15:04:05.000000"), .value("STAMP_NANO", "Jan _2 15:04:05.000000000"),
        .value("DATE_TIME", "2006-01-02 15:04:05"), .value("DATE_ONLY", "2006-01-02"), .value("TIME_ONLY", "15:04:05"),
    ]

    private static let monthsAndWeekdays: [LuaMember] =
        LuaTime.months.enumerated().map { .value($1.uppercasedASCII, .integer($0 + 1)) }
        + LuaTime.weekdays.enumerated().map { .value($1.uppercasedASCII, .integer($0)) }

    private static func date(_ stack: LuaStack) throws -> LuaVerdict {
        let numbers = try (1...7).map { try stack.checkInteger(at: $0) }
        let second = LuaTime.secondOfDay(hour: numbers[3], minute: numbers[4], second: numbers[5])
        return stack.give(
            LuaTime(
                year: numbers[0], month: numbers[1], day: numbers[2], secondOfDay: second, nanosecond: numbers[6],
                zone: try stack.zone(at: 8)))
    }
}

extension LuaTime {
    /// The methods of a time.
    static let type: LuaObjectType<LuaTime> = LuaObjectType(
        "time.Time",
        methods: [
            "add": { stack, time in stack.withDuration(at: 2) { stack.give(time.adding($0)) } },
            "sub": { stack, time in
                stack.give(LuaDuration(time.since(try stack.checkObject(at: 2, as: type))), as: LuaDuration.type)
            },
            "add_date": { stack, time in
                stack.give(
                    time.adding(
                        years: try stack.checkInteger(at: 2), months: try stack.checkInteger(at: 3),
                        days: try stack.checkInteger(at: 4)))
            },
            "after": { stack, time in stack.give(try stack.checkObject(at: 2, as: type).precedes(time)) },
            "before": { stack, time in stack.give(time.precedes(try stack.checkObject(at: 2, as: type))) },
            "equal": { stack, time in
                let other = try stack.checkObject(at: 2, as: type)
                return stack.give(time.second == other.second && time.nanosecond == other.nanosecond)
            },
            "format": { stack, time in stack.give(GoLayout(try stack.checkBytes(at: 2)).text(of: time)) },
            "format_rfc3339": { stack, time in stack.give(GoLayout("2006-01-02T15:04:05Z07:00".utf8).text(of: time)) },
            "unix": { stack, time in stack.give(time.second) },
            "unix_nano": { stack, time in stack.give(time.nanoseconds) },
            "date": { stack, time in
                let parts = time.parts
                for part in [parts.year, parts.month, parts.day] { stack.push(part) }
                return .results(3)
            },
            "clock": { stack, time in
                let parts = time.parts
                for part in [parts.hour, parts.minute, parts.second] { stack.push(part) }
                return .results(3)
            },
            "year": { stack, time in stack.give(time.parts.year) },
            "month": { stack, time in stack.give(time.parts.month) },
            "day": { stack, time in stack.give(time.parts.day) },
            "hour": { stack, time in stack.give(time.parts.hour) },
            "minute": { stack, time in stack.give(time.parts.minute) },
            "second": { stack, time in stack.give(time.parts.second) },
            "nanosecond": { stack, time in stack.give(time.nanosecond) },
            "weekday": { stack, time in stack.give(time.parts.weekday) },
            "year_day": { stack, time in stack.give(time.parts.dayOfYear) },
            "is_zero": { stack, time in stack.give(time.second == zeroSecond && time.nanosecond == 0) },
            "in_location": { stack, time in
                stack.give(time.inZone(try stack.checkObject(at: 2, as: LuaZone.type).rules))
            },
            "location": { stack, time in stack.give(LuaZone(time.zone), as: LuaZone.type) },
            "utc": { stack, time in stack.give(time.inZone(.utc)) },
            "in_local": { stack, time in stack.give(time.inZone(.local)) },
            "round": { stack, time in
                stack.withDuration(at: 2) { nanoseconds in
                    guard nanoseconds > 0 else { return stack.give(time) }
                    let rest = time.remainder(by: nanoseconds)
                    return stack.give(time.adding(rest >= nanoseconds - rest ? nanoseconds - rest : -rest))
                }
            },
            "truncate": { stack, time in
                stack.withDuration(at: 2) { nanoseconds in
                    stack.give(nanoseconds > 0 ? time.adding(-time.remainder(by: nanoseconds)) : time)
                }
            },
        ],
        text: { String(decoding: GoLayout("2006-01-02 15:04:05.999999999 -0700 MST".utf8).text(of: $0), as: UTF8.self) }
    )

    private func precedes(_ other: LuaTime) -> Bool {
        (second, nanosecond) < (other.second, other.nanosecond)
    }
}

/// A duration, for scripts.
final class LuaDuration: Sendable {
    let nanoseconds: Int

    init(_ nanoseconds: Int) {
        self.nanoseconds = nanoseconds
    }

    static let type: LuaObjectType<LuaDuration> = LuaObjectType(
        "time.Duration",
        methods: [
            "nanoseconds": { stack, duration in stack.give(duration.nanoseconds) },
            "microseconds": { stack, duration in stack.give(duration.nanoseconds / 1000) },
            "milliseconds": { stack, duration in stack.give(duration.nanoseconds / 1_000_000) },
            "seconds": { stack, duration in stack.give(duration.nanoseconds, in: 1e9) },
            "minutes": { stack, duration in stack.give(duration.nanoseconds, in: 60e9) },
            "hours": { stack, duration in stack.give(duration.nanoseconds, in: 3600e9) },
        ],
        text: { GoDuration.text(of: $0.nanoseconds) })
}

/// A time zone, for scripts.
final class LuaZone: Sendable {
    let rules: ZoneRules

    init(_ rules: ZoneRules) {
        self.rules = rules
    }

    static let type: LuaObjectType<LuaZone> = LuaObjectType(
        "time.Location",
        methods: [
            "string": { stack, zone in stack.give(zone.rules.name) }
        ],
        text: { $0.rules.name })
}

/// Sends the time into a channel, once or again and again.
final class LuaTimer {
    let channel = LuaChannel(capacity: 1)
    private let clock: any RuntimeClock
    private let repeats: Bool
    private var pending: LuaBackground?

    init(clock: any RuntimeClock, repeats: Bool = false) {
        self.clock = clock
        self.repeats = repeats
    }

    func start(_ nanoseconds: Int, in state: LuaState) throws(LuaRaise) {
        try wait(until: clock.now + .nanoseconds(nanoseconds), every: nanoseconds, in: state)
    }

    private func wait(until deadline: Duration, every nanoseconds: Int, in state: LuaState) throws(LuaRaise) {
        let clock = clock
        pending = try state.runInBackground {
            try await clock.sleep(until: deadline)
        } then: { [self] stack, result in
            pending = nil
            guard case .success = result else { return }
            // A time is dropped if the previous one has not been received.
            if channel.hasRoom {
                stack.push(LuaTime(nanoseconds: UnixTime.nanoseconds, zone: .local), as: LuaTime.type)
                channel.send(fromTopOf: stack)
            }
            // The timer that has just ended leaves room for another one.
            guard repeats else { return }
            let next = max(deadline + .nanoseconds(nanoseconds), clock.now)
            try? wait(until: next, every: nanoseconds, in: stack.state)
        }
    }

    /// Ends the timer.
    ///
    /// - Returns: true if the timer would have sent a further time.
    func stop() -> Bool {
        defer { pending = nil }
        pending?.cancel()
        return pending != nil
    }

    private static let channelMethod: LuaMethod<LuaTimer>.Body = { stack, timer in stack.give(timer.channel) }

    static let timerType = LuaObjectType<LuaTimer>(
        "time.Timer",
        methods: [
            "response": channelMethod,
            "channel": channelMethod,
            "stop": { stack, timer in stack.give(timer.stop()) },
            "reset": { stack, timer in
                try stack.withWait(at: 2) { nanoseconds in
                    let wasPending = timer.stop()
                    try timer.start(nanoseconds, in: stack.state)
                    return stack.give(wasPending)
                }
            },
        ])

    static let tickerType = LuaObjectType<LuaTimer>(
        "time.Ticker",
        methods: [
            "response": channelMethod,
            "channel": channelMethod,
            "stop": { stack, timer in stack.give(timer.stop()) },
        ])
}

extension LuaStack {
    fileprivate func give(_ time: LuaTime) -> LuaVerdict { give(time, as: LuaTime.type) }

    fileprivate func give(_ nanoseconds: Int, in unit: Double) -> LuaVerdict { give(Double(nanoseconds) / unit) }

    /// Returns the zone in an argument.
    ///
    /// Default: this machine's zone.
    fileprivate func zone(at index: Int) throws(LuaRaise) -> ZoneRules {
        isNil(at: index) ? .local : try checkObject(at: index, as: LuaZone.type).rules
    }

    /// Calls `body` with the duration in an argument, in nanoseconds.
    ///
    /// The argument can be a number of nanoseconds, a text such as "1h30m", or a duration.
    fileprivate func withDuration(at index: Int, _ body: (Int) throws -> LuaVerdict) rethrows -> LuaVerdict {
        let nanoseconds: Int
        if let duration = object(at: index, as: LuaDuration.type) {
            nanoseconds = duration.nanoseconds
        } else if let number = integer(at: index) {
            nanoseconds = number
        } else if let text = string(at: index) {
            guard let duration = Duration(written: text) else {
                return fail(.invalid("time: invalid duration \"\(text)\""))
            }
            nanoseconds = duration.wholeNanoseconds
        } else {
            return fail(.invalid("a duration must be a number, a string or a Duration, got \(typeName(at: index))"))
        }
        return try body(nanoseconds)
    }

    /// Calls `body` with the duration in an argument, which must be above zero.
    fileprivate func withWait(at index: Int, _ body: (Int) throws -> LuaVerdict) rethrows -> LuaVerdict {
        try withDuration(at: index) { nanoseconds in
            guard nanoseconds > 0 else { return fail(.invalid("the duration must be greater than 0")) }
            return try body(nanoseconds)
        }
    }
}
