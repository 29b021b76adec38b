import LuaEngine
import Testing

@testable import WippyLua

struct Base64ModuleTests {
    @Test func bytesGoAndComeBack() async throws {
        let script = """
            for _, text in ipairs({"", "a", "ab", "abc", "binary\\0data\\255"}) do
                if base64.decode((base64.encode(text))) ~= text then return text end
            end
            return (base64.encode("hello"))
            """
        #expect(try await result(of: script, .base64) == "aGVsbG8=")
        #expect(try await error(of: "base64.decode('!!!')", .base64) == "Invalid: illegal base64 data")
        #expect(try await error(of: "base64.encode(nil)", .base64) == "Invalid: data must be a string")
    }
}

struct OSModuleTests {
    @Test(arguments: [
        ("!%Y-%m-%d %H:%M:%S", 0, "1970-01-01 00:00:00"), ("!%c", 0, "Thu Jan  1 00:00:00 1970"),
        ("!%p %I", 0, "AM 12"), ("!%j", 86_400 * 14, "015"),
        ("!%A %a %B %b %w", 1_718_461_845, "Saturday Sat June Jun 6"),
        ("!%x %X %y %%", 1_718_461_845, "06/15/24 14:30:45 24 %"), ("!%Q %", 0, "%Q %"),
        ("!%U %W", 1_704_067_200, "01 01"),
        ("!%z %Z", 0, "+0000 UTC"), ("!%V", 0, "%V"),
    ])
    func aDateIsWritten(format: String, second: Int, text: String) async throws {
        #expect(try await result(of: "return os.date('\(format)', \(second))", .os) == .string(text))
    }

    @Test func missingPartsAreTodayAtMidnight() async throws {
        let script = """
            local day = os.time({year = 2024, month = 6, day = 15})
            local parts = os.date("*t", day)
            local noon = os.time({year = 2024, month = 6, day = 15, hour = 12, min = 30, sec = 45})
            local over = os.time({year = 2024, month = 14, day = 32})
            return math.type(day), parts.hour, parts.wday, parts.yday, noon - day, os.date("%Y-%m-%d", over),
                math.type(os.time())
            """
        #expect(
            try await results(of: script, .os) == ["integer", 0, 7, 167, 45_045, "2025-03-04", "integer"])
    }

    @Test("A misspelt part of a time is an error, and a table that os.date gives is none")
    func partsAreChecked() async throws {
        let script = """
            local _, wrong = pcall(os.time, {year = 2024, month = 6, day = 15, hours = 12})
            return wrong, os.time(os.date("*t", 86400)), os.time({year = 1970, month = 1, day = 2, week = 7}) ~= nil
            """
        let sentence = "bad argument #1 to 'time' (unknown field 'hours'; did you mean 'hour'?)"
        #expect(try await results(of: script, .os) == [.string(sentence), 86_400, true])
    }

    @Test func nothingReachesTheSystem() async throws {
        let script = """
            local names = {}
            for name in pairs(os) do names[#names + 1] = name end
            table.sort(names)
            return table.concat(names, " "), os.platform, os.difftime(30, 0), os.clock() >= 0
            """
        #expect(try await results(of: script, .os) == ["clock date difftime platform time", "wippy", 30.0, true])
    }
}
