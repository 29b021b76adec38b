import EventLoops
import Glibc
import Wippy
import WippyLog
import WippyRuntime
import WippyValues

/// `run`: runs the project in this folder until a signal comes.
struct RunCommand: EarlyCommand {
    static let name = "run"
    static let summary = "Run the project in this folder until it is interrupted."
    static let discussion = """
        SIGTERM or SIGINT stops it gracefully: what was accepted is finished first. A SIGINT half a second or more
        after the first signal ends it at once. SIGHUP reads the project again and applies what has changed; on a
        terminal it stops it, too. The exit status is 0 after a graceful stop, and 1 if the project has errors, a
        required service failed for good, or a SIGINT ended it at once.
        """

    private let settings: Application.Settings
    private let logOptions: LogOptions
    private let tool: CommandLineTool
    private var signals: Signals?

    init(from options: inout OptionReader) {
        var settings = options.projectSettings()
        logOptions = LogOptions(from: &options)
        settings.isDevelopment = logOptions.isDevelopment
        settings.discardsMessages = options.flag(
            "discard-messages", "Let a reload take away queues that hold messages.")
        settings.watchesFiles = options.flag("watch", "Reload the project whenever one of its files is saved.")
        self.settings = settings
        tool = options.tool
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
        let (supervisors, teller) = AsyncStream<Supervisor>.makeStream()
        let application = tool.application(settings, log: log) { teller.yield($0) }
        let telling = NotifySocket().map { socket in
            Task(executorPreference: EventLoop.current) {
                for await supervisor in supervisors { await socket.follow(supervisor.stages) }
            }
        }
        let control = await ControlServer.open(
            in: .ofProject, services: [QueueControl.running(application.registry)], log: log)
        let running = Task(executorPreference: EventLoop.current) { try await application.run() }
        try signals?.onEach { [signals] number in
            log.info("a signal came", ["signal": "\(Signals.name(of: number))"])
            switch signals?.request(of: number) {
            case .reload:
                // Nobody awaits it: the log says what came of it.
                Task { await application.reload() }
                return true
            case .stop, nil:
                running.cancel()
                return false
            }
        }
        let result = await running.result
        await control?.close()
        teller.finish()
        await telling?.value
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
    let isDevelopment: Bool

    init(from options: inout OptionReader) {
        let isVerbose = options.flag("verbose", letter: "v", "Log more, and each answer of every server.")
        let asksForColors = options.flag(
            "console", letter: "c", "Log in color even when standard error is no terminal.")
        isSilent = options.flag("silent", letter: "s", "Log nothing.")
        let isJSON = options.flag("json", "Log one JSON object a line.")
        isDevelopment = options.flag("dev", "For development: error answers and the log show more.")
        level = isVerbose || isDevelopment ? .debug : .info
        let showsColors = asksForColors || Console.errorShowsColors
        format = isJSON ? .json : showsColors ? .console(isColored: true) : .plain
    }

    func makeWriter() throws -> LogWriter? {
        isSilent ? nil : try LogWriter(to: STDERR_FILENO, format: format)
    }

    func log(to writer: LogWriter?) -> Log {
        writer.map { Log(to: $0, level: level) } ?? .silent
    }
}
