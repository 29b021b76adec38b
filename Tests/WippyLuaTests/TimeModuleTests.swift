import LuaEngine
import Testing
import WippyTesting

@testable import WippyLua

struct TimeModuleTests {
    /// The layout, the text of 2024-12-29 15:04:05.012345678 in New York.
    @Test(arguments: [
        ("2006-01-02T15:04:05Z07:00", "2024-12-29T15:04:05-05:00"),
        ("Mon Jan _2 3:04PM MST 06", "Sun Dec 29 3:04PM EST 24"),
        ("Monday, January 2 2006", "Sunday, December 29 2024"), ("15:04:05.000", "15:04:05.012"),
        ("15:04:05.999999", "15:04:05.012345"), ("002 __2 -0700 -07 Z0700", "364 364 -0500 -05 -0500"),
        ("1/2 3:4:5 pm", "12/29 3:4:5 pm"), ("Janus Mond", "Janus Mond"), ("_2006 05,000", "_2024 05,012"),
    ])
    func aLayoutIsWritten(layout: String, text: String) async throws {
        let script = """
            local zone = time.load_location("America/New_York")
            return time.date(2024, 12, 29, 15, 4, 5, 12345678, zone):format("\(layout)")
            """
        #expect(try await result(of: script, .time) == .string(text))
    }

    /// The layout, a text, and its moment in UTC; nothing where the text is none.
    @Test(
        arguments: [
            ("2006-01-02T15:04:05Z07:00", "2024-12-29T15:04:05+02:00", "2024-12-29T13:04:05Z"),
            ("2006-01-02 15:04:05", "2024-12-29 15:04:05.25", "2024-12-29T15:04:05.25Z"),
            ("2 Jan 06 3:04PM", "1 feb 70 12:05AM", "1970-02-01T00:05:00Z"),
            ("2006 002", "2024 366", "2024-12-31T00:00:00Z"),
            ("Mon, 02 Jan 2006 15:04:05 MST", "Sun, 29 Dec 2024 15:04:05 UTC", "2024-12-29T15:04:05Z"),
            ("2006-01-02", "2024-02-30", nil), ("2006-01-02", "2024-13-01", nil), ("2006-01-02", "invalid", nil),
            ("2006-01-02", "2024-01-01 ", nil), ("15:04", "24:00", nil),
            ("2006-01-02", "2024-02-29", "2024-02-29T00:00:00Z"),
        ] as [(String, String, String?)])
    func aTextIsRead(layout: String, text: String, moment: String?) async throws {
        let script = """
            local moment, err = time.parse("\(layout)", "\(text)", time.utc)
            if err then return err:kind() end
            return moment:utc():format(time.RFC3339NANO)
            """
        #expect(try await result(of: script, .time) == .string(moment ?? "Invalid"))
    }

    @Test(
        arguments: [
            ("1h30m45.5s", "1h30m45.5s"), ("90m", "1h30m0s"), ("100ms", "100ms"), ("1.5us", "1.5µs"), ("0", "0s"),
            ("-2h", "-2h0m0s"), ("5", nil), ("1d", nil), ("", nil), ("1h1", nil), ("9999999999h", nil), (".s", nil),
        ] as [(String, String?)])
    func aDurationIsReadAndWritten(text: String, written: String?) async throws {
        let script = "local d, err = time.parse_duration('\(text)') return err and err:kind() or tostring(d)"
        #expect(try await result(of: script, .time) == .string(written ?? "Invalid"))
    }

    @Test func clocksOfAPlaceChange() async throws {
        let script = """
            local vienna = time.load_location("Europe/Vienna")
            local texts = {}
            for _, second in ipairs({1711846799, 1711846800, 1729990799, 1729990800, 4866339600, -2000000000}) do
                texts[#texts + 1] = time.unix(second, 0):in_location(vienna):format("15:04 MST")
            end
            local skipped = time.date(2024, 3, 31, 2, 30, 0, 0, vienna):utc():format("15:04")
            return table.concat(texts, ", "), skipped
            """
        #expect(
            try await results(of: script, .time)
                == ["01:59 CET, 03:00 CEST, 02:59 CEST, 02:00 CET, 10:00 CET, 21:26 CET", "01:30"])
    }

    @Test func momentsAreCalculatedWith() async throws {
        let script = """
            local t = time.date(2024, 12, 31, 23, 59, 59, 999999999, time.utc)
            local later = t:add("1ns")
            local month = time.date(2024, 1, 31, 0, 0, 0, 0, time.utc):add_date(0, 1, 0)
            local y, m, d = month:date()
            return later:year(), later:sub(t):nanoseconds(), later:after(t), t:before(later), t:equal(t),
                y * 10000 + m * 100 + d, later:weekday(), t:year_day(), tostring(later)
            """
        #expect(
            try await results(of: script, .time)
                == [2025, 1, true, true, true, 20_240_302, 3, 366, "2025-01-01 00:00:00 +0000 UTC"])
    }

    @Test func momentsAreRounded() async throws {
        let script = """
            local t = time.parse(time.RFC3339NANO, "2024-01-01T12:34:56.789Z")
            local week = t:truncate(168 * time.HOUR)
            return t:round("1s"):format(time.TIME_ONLY), t:truncate("1m"):format(time.TIME_ONLY), week:format("Mon 2 Jan"),
                t:round(0):equal(t)
            """
        #expect(try await results(of: script, .time) == ["12:34:57", "12:34:00", "Mon 1 Jan", true])
    }

    @Test func wrongArgumentsAreNamed() async throws {
        #expect(try await error(of: "time.load_location('')", .time) == "Invalid: the name of the location is empty")
        for name in ["Nowhere/City", "../../etc/passwd", "/etc/localtime", "Europe//Vienna"] {
            #expect(
                try await error(of: "time.load_location('\(name)')", .time)
                    == .string("NotFound: unknown time zone \(name)"))
        }
        #expect(try await error(of: "time.after('0s')", .time) == "Invalid: the duration must be greater than 0")
        #expect(
            try await error(of: "time.sleep({})", .time)
                == "Invalid: a duration must be a number, a string or a Duration, got table")
        #expect(try await result(of: "return pcall(time.date, 2024)", .time) == false)
    }

    @Test func aTimerFiresOnceATickerAgainAndAgain() async throws {
        let script = """
            local timer, never, ticker = time.timer("1ms"), time.timer("1h"), time.ticker("1ms")
            local first, ok = timer:response():receive()
            local ticks = 0
            while ticks < 3 do
                ticker:channel():receive()
                ticks = ticks + 1
            end
            local moved = time.timer("1h")
            local again = moved:reset("1ms")
            moved:channel():receive()
            local done = channel.select({never:response():case_receive(), time.after("2ms"):case_receive()})
            return first:unix() > 0, ok, timer:stop(), never:stop(), never:stop(), ticker:stop(), again,
                done.channel == never:response()
            """
        #expect(
            try await results(of: script, .time) == [true, true, false, true, false, true, true, false])
    }

    /// The test kit's clock moves what waits by it.
    @Test func scriptsWaitByTheClockOfTheirCall() async throws {
        let clock = TestClock()
        let state = try LuaState(LuaEnvironment(modules: [ScriptModule.time.content]) { _, _ in })
        let program = try LuaProgram(
            "return function() time.sleep('1h') time.after('1h'):receive() return 'awake' end", name: "app:test")
        let function = try await state.load(program)
        state.context = ScriptCall(.standIn, clock: clock)
        async let advanced: Void = {
            for _ in 0..<2 {
                await clock.hasSleepers()
                clock.advance(by: .seconds(3600))
            }
        }()
        let answer = try await state.call(function) { $0.string(at: 1) }
        await advanced
        #expect(answer == "awake")
    }
}
