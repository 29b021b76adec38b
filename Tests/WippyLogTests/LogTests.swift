import Testing
import WippyLog

@Suite("The log")
struct LogTests {
    @Test("A line has level, message, entry, and attached before own data")
    func record() throws {
        let recorder = LogRecorder()
        let log = Log(to: recorder, metadata: ["app": "tasks"]).with(entry: "app:db").with(["pid": 7, "rows": 0])
        log.info(
            "migration complete", ["rows": 3, "ok": true, "took": 1.5, "name": "x\(1)", "token": .redacted("secret")])
        let record = try #require(recorder.records.first)
        #expect(record.level == .info)
        #expect(record.message == "migration complete")
        #expect(record.entry == "app:db")
        #expect(record.metadata.fields.map(\.key) == ["app", "pid", "rows", "ok", "took", "name", "token"])
        #expect(record.metadata["rows"] == 3)
        #expect(record.metadata["name"] == "x1")
        #expect(record.metadata["token"] == .redacted)
        #expect(record.time.seconds > 1_600_000_000)
    }

    @Test("What is below the level is neither written nor computed", arguments: LogLevel.allCases)
    func levels(_ level: LogLevel) {
        let recorder = LogRecorder()
        let log = Log(to: recorder, level: level)
        var computed = 0
        func message() -> String {
            computed += 1
            return "m"
        }
        func metadata() -> LogMetadata {
            computed += 1
            return ["k": 1]
        }
        log.trace(message(), metadata())
        log.debug(message(), metadata())
        log.info(message(), metadata())
        log.notice(message(), metadata())
        log.warning(message(), metadata())
        log.error(message(), metadata())
        log.critical(message(), metadata())
        #expect(recorder.records.map(\.level) == LogLevel.allCases.filter { $0 >= level })
        #expect(computed == 2 * recorder.records.count)
    }

    @Test("A level has one word, and 'warn' is understood")
    func levelNames() {
        #expect(LogLevel.allCases.map(\.name) == ["trace", "debug", "info", "notice", "warning", "error", "critical"])
        #expect(LogLevel.allCases.allSatisfy { LogLevel(name: $0.name) == $0 })
        #expect(LogLevel(name: "warn") == .warning)
        #expect(LogLevel(name: "loud") == nil)
    }

    @Test("Metadata keeps the order in which names were first set")
    func metadata() {
        var metadata: LogMetadata = ["b": 1, "a": 2, "b": 3]
        metadata["c"] = 4
        metadata.merge(["a": 5, "d": 6])
        metadata["c"] = nil
        #expect(metadata.fields.map(\.key) == ["b", "a", "d"])
        #expect(metadata.fields.map(\.value) == [3, 5, 6])
    }

    @Test("A recorder without a limit keeps every line")
    func unlimitedRecorder() {
        let recorder = LogRecorder(maxRecords: .max)
        let log = Log(to: recorder)
        for number in 0..<3 { log.info("line \(number)") }
        #expect(recorder.messages == ["line 0", "line 1", "line 2"])
    }

    @Test("A recorder keeps the last lines")
    func recorder() {
        let recorder = LogRecorder(maxRecords: 3)
        let log = Log(to: recorder)
        for number in 0..<20 { log.info("line \(number)") }
        #expect(recorder.messages == ["line 17", "line 18", "line 19"])
    }
}
