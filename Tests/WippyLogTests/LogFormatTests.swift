import Testing
import WippyLog
import WippyValues

@Suite("The forms of a log line")
struct LogFormatTests {
    static let time = LogTime(seconds: 1_795_493_758, nanoseconds: 123_456_789)

    static let record = LogRecord(
        time: time, level: .info, entry: "app:migrate", message: "migration complete",
        metadata: [
            "rows": 3, "share": 0.5, "whole": 2.0, "done": true, "table": "tasks", "text": "two words", "empty": "",
            "quote": "a\"b=c\\", "path": "/tmp/x:y", "none": .value(.null), "list": .value([1, "x", ["k": nil]]),
            "bytes": .value(.bytes([1, 2])), "password": .redacted, "fake": "<redacted>", "odd key": 1,
        ])

    static func line(_ record: LogRecord, _ format: LogFormat) -> String {
        var bytes: [UInt8] = []
        format.append(record, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test("A plain line")
    func plain() {
        #expect(
            Self.line(Self.record, .plain)
                == "2026-11-24T04:15:58.123Z info     app:migrate: migration complete rows=3 share=0.5 whole=2 done=true"
                + " table=tasks text=\"two words\" empty=\"\" quote=\"a\\\"b=c\\\\\" path=/tmp/x:y none=null"
                + " list=[1,\"x\",{\"k\":null}] bytes=\"AQI=\" password=<redacted> fake=\"<redacted>\" \"odd key\"=1\n")
    }

    @Test("The parts of a table's lines stand below each other as text; as JSON nothing of that is seen")
    func table() {
        let recorder = LogRecorder()
        Log(to: recorder).table(
            .info,
            [
                LogTableRow(entry: "app:db", message: "is ready", metadata: ["took": "12ms", "file": "a b"]),
                LogTableRow(entry: "app:gäteway", message: "listens", metadata: ["took": "3us", "address": ":8080"]),
                LogTableRow(entry: "app:host", message: "runs", metadata: ["took": "1s"]),
                LogTableRow(entry: "app:host", message: "is there", metadata: [:]),
            ])
        let lines = recorder.records.map { Self.line($0, .plain).dropFirst("2026-11-24T04:15:58.123Z ".count) }
        #expect(
            lines == [
                "info     app:db:      is ready took=12ms file=\"a b\"\n",
                "info     app:gäteway: listens  took=3us  address=:8080\n",
                "info     app:host:    runs     took=1s\n",
                "info     app:host:    is there\n",
            ])
        #expect(recorder.records.allSatisfy { !Self.line($0, .json).contains("  ") })
        Log(to: recorder, level: .error).table(.info, [LogTableRow(entry: "a", message: "b", metadata: [:])])
        #expect(recorder.records.count == 4)
    }

    @Test("The columns of a table have room for the data that the log adds to each line")
    func tableOfLogWithMetadata() {
        let recorder = LogRecorder()
        let rows = [
            LogTableRow(entry: "app:a", message: "m", metadata: ["took": "12ms", "file": "b"]),
            LogTableRow(entry: "app:a", message: "m", metadata: ["took": "3us", "file": "c", "of": "elsewhere"]),
        ]
        Log(to: recorder).with(["of": "here", "n": 1]).table(.info, rows)
        let lines = recorder.records.map { Self.line($0, .plain).dropFirst("2026-11-24T04:15:58.123Z ".count) }
        #expect(
            lines == [
                "info     app:a: m of=here      n=1 took=12ms file=b\n",
                "info     app:a: m of=elsewhere n=1 took=3us  file=c\n",
            ])
    }

    @Test("A JSON line")
    func json() throws {
        let line = Self.line(Self.record, .json)
        #expect(
            line == "{\"time\":\"2026-11-24T04:15:58.123Z\",\"level\":\"info\",\"entry\":\"app:migrate\","
                + "\"message\":\"migration complete\",\"rows\":3,\"share\":0.5,\"whole\":2,\"done\":true,\"table\":\"tasks\","
                + "\"text\":\"two words\",\"empty\":\"\",\"quote\":\"a\\\"b=c\\\\\",\"path\":\"/tmp/x:y\",\"none\":null,"
                + "\"list\":[1,\"x\",{\"k\":null}],\"bytes\":\"AQI=\",\"password\":\"<redacted>\","
                + "\"fake\":\"<redacted>\",\"odd key\":1}\n")
        #expect(throws: Never.self) { try JSON.decode(line) }
    }

    @Test("A console line has the local time, and colors when asked for")
    func console() throws {
        let record = LogRecord(time: Self.time, level: .critical, entry: nil, message: "m", metadata: ["k": 1])
        #expect(
            Self.line(record, .console(isColored: false)).wholeMatch(of: /\d\d:\d\d:58\.123 critical m k=1\n/) != nil)
        let colored = Self.line(record, .console(isColored: true))
        #expect(colored.hasPrefix("\u{1B}[2m"))
        #expect(colored.hasSuffix("\u{1B}[0m \u{1B}[1;31mcritical\u{1B}[0m m \u{1B}[2mk=\u{1B}[0m1\n"))
        let plain = colored.replacing(/\u{1B}\[[0-9;]*m/, with: "")
        #expect(plain == Self.line(record, .console(isColored: false)))
    }

    @Test(
        "Dates are right",
        arguments: [
            (0, "1970-01-01T00:00:00.000Z"), (-1, "1969-12-31T23:59:59.000Z"),
            (951_782_400, "2000-02-29T00:00:00.000Z"),
            (951_868_800, "2000-03-01T00:00:00.000Z"), (1_709_164_800, "2024-02-29T00:00:00.000Z"),
            (4_107_542_400, "2100-03-01T00:00:00.000Z"), (1_735_689_599, "2024-12-31T23:59:59.000Z"),
            (253_402_300_799, "9999-12-31T23:59:59.000Z"), (.max, "9999-12-31T23:59:59.000Z"),
            (.min, "0000-01-01T00:00:00.000Z"),
        ])
    func dates(_ seconds: Int, _ text: String) {
        let record = LogRecord(time: LogTime(seconds: seconds), level: .info, entry: nil, message: "m")
        #expect(Self.line(record, .plain) == "\(text) info     m\n")
    }

    @Test(
        "Nothing in a record begins a line or moves a cursor",
        arguments: [.plain, .json, .console(isColored: false)] as [LogFormat])
    func forgery(_ format: LogFormat) throws {
        let evil = "x\n2026 info forged\r\u{1B}[2J\u{0}\u{7F}\u{9B}\u{2028}\u{202E}"
        let record = LogRecord(
            time: Self.time, level: .info, entry: evil, message: evil,
            metadata: [evil: LogValue(evil), "nested": .value([.string(evil), ["\n": .string(evil)]])])
        let line = Self.line(record, format)
        #expect(line.utf8.count { $0 < 0x20 } == 1)
        #expect(line.hasSuffix("\n"))
        let hidden: Set<UInt32> = [0x7F, 0x9B, 0x2028, 0x202E]
        #expect(!line.unicodeScalars.contains { hidden.contains($0.value) })
        if format == .json {
            #expect(try JSON.decode(line)["message"] == .string(evil))
        } else {
            #expect(line.contains("x\\n2026 info forged\\r\\u{1b}[2J\\u{0}\\u{7f}\\u{9b}\\u{2028}\\u{202e}"))
        }
    }

    @Test("Data under a name of the line's own is renamed, and each name appears once")
    func reserved() throws {
        let record = LogRecord(
            time: Self.time, level: .info, entry: nil, message: "real",
            metadata: ["message": "forged", "message_": 1, "level": "error", "time": 2, "entry": 3])
        let value = try JSON.decode(Self.line(record, .json))
        #expect(value["message"] == "real")
        #expect(value["message_"] == 1)
        #expect(value["message__"] == "forged")
        #expect(value["level"] == "info")
        #expect(value["level_"] == "error")
        #expect(value["entry_"] == 3)
    }

    @Test("A line has a bound and stays whole", arguments: [.plain, .json] as [LogFormat])
    func bound(_ format: LogFormat) throws {
        let long = String(repeating: "\u{1}\u{1F600}", count: 100_000)
        let record = LogRecord(
            time: Self.time, level: .error, entry: long, message: long, metadata: ["k": LogValue(long)])
        let line = Self.line(record, format)
        #expect(line.utf8.count < 65_536)
        #expect(line.utf8.count { $0 == 0x0A } == 1)
        #expect(line.contains("cut"))
        if format == .json { #expect(try JSON.decode(line)["cut"] == true) }
    }

    @Test("Data nested past the limit of JSON is described")
    func deep() throws {
        var deep: Value = 1
        for _ in 0..<300 { deep = [deep] }
        let record = LogRecord(
            time: Self.time, level: .info, entry: nil, message: "m", metadata: ["deep": .value(deep)])
        #expect(try JSON.decode(Self.line(record, .json))["deep"]?.string?.hasPrefix("[[[[") == true)
        #expect(Self.line(record, .plain).contains("deep=[[[["))
    }
}
