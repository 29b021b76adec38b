import EventLoops
import Glibc
import Wippy
import WippyLog
import WippyRuntime
import WippyValues

/// `run`: runs the project in this folder until a signal comes.
struct RunCommand: Command {
    static let description = CommandDescription(
        name: "run", summary: "Run the project in this folder until it is interrupted.",
        discussion: """
            SIGTERM, SIGINT or SIGHUP stops it gracefully: what was accepted is finished first. A SIGINT half a second
            or more after the first signal ends it at once. The exit status is 0 after a graceful stop, and 1 if the
            project has errors, a required service failed for good, or a SIGINT ended it at once.
            """,
        options: ProjectOptions.descriptions + [
            .flag("verbose", letter: "v", "Log more, and each answer of every server."),
            .flag("console", letter: "c", "Log in color even when standard error is no terminal."),
            .flag("silent", letter: "s", "Log nothing."),
            .flag("json", "Log one JSON object a line."),
            .flag("dev", "For development: error answers and the log show more."),
        ])

    private let settings: Application.Settings
    private let logOptions: LogOptions
    private let tool: CommandLineTool
    private var signals: Signals?

    init(_ arguments: ParsedArguments, tool: CommandLineTool) {
        var settings = ProjectOptions(arguments).settings
        settings.isDevelopment = arguments.has("dev")
        settings.logsAccess = arguments.has("dev") || arguments.has("verbose")
        self.settings = settings
        logOptions = LogOptions(arguments)
        self.tool = tool
    }

    mutating func begin() throws {
        let signals = try Signals()
        self.signals = signals
        try ApplicationBuild.becomeApplication(of: tool, settings: settings, signals: signals)
        signals.endOnRepeat()
    }

    func run() async throws -> Int32 {
        let writer = try logOptions.makeWriter()
        let log = logOptions.log(to: writer)
        let application = Application(
            project: ".", handlers: tool.handlers, kinds: tool.kinds, settings: settings, log: log)
        let running = Task(executorPreference: EventLoop.current) { try await application.run() }
        try signals?.onFirst { number in
            log.info("a signal came", ["signal": "\(Signals.name(of: number))"])
            // A graceful stop.
            running.cancel()
        }
        let result = await running.result
        if let writer { _ = writer.close(within: .seconds(1)) }
        try result.get()
        return 0
    }
}

/// How the log is written.
private struct LogOptions {
    let level: LogLevel
    let format: LogFormat
    let isSilent: Bool

    init(_ arguments: ParsedArguments) {
        level = arguments.has("verbose") || arguments.has("dev") ? .debug : .info
        isSilent = arguments.has("silent")
        let showsColors = arguments.has("console") || Console.errorShowsColors
        format = arguments.has("json") ? .json : showsColors ? .console(isColored: true) : .plain
    }

    func makeWriter() throws -> LogWriter? {
        isSilent ? nil : try LogWriter(to: STDERR_FILENO, format: format)
    }

    func log(to writer: LogWriter?) -> Log {
        writer.map { Log(to: $0, level: level) } ?? .silent
    }
}
