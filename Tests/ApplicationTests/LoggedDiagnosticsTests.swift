import Testing
import Wippy
import WippyLog
import WippyRunningApplication
import WippyTesting

/// The diagnostics that a running application logs, at its start and when it refuses a reload.
@Suite("Diagnostics in the log", .timeLimit(.minutes(15)))
struct LoggedDiagnosticsTests {
    private static func index(_ fields: [String]) -> String {
        """
        namespace: app
        entries:
          - name: server
            kind: http.service
            addr: "127.0.0.1:0"
            lifecycle: {auto_start: true}

        """ + fields.map { "    \($0): 1\n" }.joined()
    }

    /// The number of lines before the fields of ``index(_:)``.
    private static let head = 6

    /// The lines of a level: the entry, the message, and the fields.
    private static func lines(_ log: LogRecorder, _ level: LogLevel) -> [String] {
        log.records.filter { $0.level == level }.map { record in
            let fields = record.metadata.fields.map { field in
                switch field.value {
                case .value(.string(let text)): " \(field.key)=\(text)"
                case .value(let value): " \(field.key)=\(value)"
                case .redacted: " \(field.key)"
                }
            }
            return "\(record.entry ?? "-"): \(record.message)\(fields.joined())"
        }
    }

    @Test("A reload that is refused logs each error by itself, with its place as fields, and then that it is refused")
    func reload() async throws {
        let application = try RunningApplication(Self.index([]), [])
        try await eventually("it listens") { application.port != nil }
        guard case .invalid = try await application.change(Self.index(["adr", "prot"])) else {
            Issue.record("the reload is not refused")
            return
        }
        #expect(
            Self.lines(application.log, .error) == [
                "app:server: unknown field 'adr'; did you mean 'addr'? file=src/_index.yaml line=7 column=5",
                "app:server: unknown field 'prot' file=src/_index.yaml line=8 column=5",
                "-: the project was not reloaded: it has errors; the version in force keeps running errors=2",
            ])
        try await application.stop()
    }

    @Test("The log has twenty of many errors, and the number of the others")
    func many() async throws {
        let application = try RunningApplication(Self.index([]), [])
        try await eventually("it listens") { application.port != nil }
        _ = try await application.change(Self.index((1...27).map { "unheard\($0)" }))
        let lines = Self.lines(application.log, .error)
        #expect(lines.filter { $0.contains("unknown field") }.count == 20 && lines.count == 22)
        #expect(lines.dropLast().last == "-: there are more of these lines than the log shows more=7")
        #expect(lines.last?.hasSuffix("errors=27") == true)
        try await application.stop()
    }

    @Test("A start logs each warning by itself, with its place as fields")
    func start() async throws {
        var settings = Application.Settings()
        settings.isLenient = true
        let application = try RunningApplication(Self.index(["unheard"]), [], settings: settings)
        try await eventually("it listens") { application.port != nil }
        let line = "app:server: unknown field 'unheard' file=src/_index.yaml line=\(Self.head + 1) column=5"
        #expect(Self.lines(application.log, .warning).contains(line))
        try await application.stop()
    }
}
