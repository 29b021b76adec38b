import EventLoops
import Glibc
import WippyApplication
import WippyLog
import WippyRuntime
import WippyValues

/// `run`: runs the project in the folder until a signal comes.
struct RunCommand: Command {
    static let name = "run"
    static let summary = "Run the project in this folder until it is interrupted."
    static let discussion = """
        SIGTERM or SIGINT stops the application gracefully: it first finishes the work that it has accepted. A SIGINT
        half a second or more after the first signal ends it at once. SIGHUP reloads the project; if the program was
        started on a terminal, SIGHUP stops it like SIGTERM. The exit status is 0 after a graceful stop. It is 1 if the
        project has errors, a required service stays down, or a SIGINT ended the program at once.

        If you give the name of a command, or '--exec' and the id of a process, that process runs when the application
        is ready, and the application stops when the process ends. The exit status is then the number that the process
        returns, 1 for false or an error, else 0. Nothing is logged unless an option asks for it.
        """

    private let process: CommandProcess?
    private let settings: Application.Settings
    private let logOptions: LogOptions
    private let tool: CommandLineTool
    private var signals: Signals?

    init(from options: inout OptionReader) {
        let process = CommandProcess.read(
            from: &options,
            operand:
                "Run this command of the project beside the application, and stop when it ends. 'list' lists the "
                + "commands.",
            verb: "Run"
        ).process
        self.init(from: &options, process)
    }

    /// Creates the command that runs the process with the project's tests.
    init(testing options: inout OptionReader) {
        let arguments = options.furtherOperands(
            "argument", "The arguments of the tests, such as the names of tests to run.")
        let host = CommandProcess.host(from: &options, verb: "Run")
        self.init(from: &options, CommandProcess(choice: .tests, arguments: arguments, host: host))
    }

    private init(from options: inout OptionReader, _ process: CommandProcess?) {
        self.process = process
        var settings = options.projectSettings()
        logOptions = LogOptions(from: &options, isQuiet: process != nil)
        settings.isDevelopment = logOptions.isDevelopment
        settings.discardsWork = options.flag(
            "discard-messages", "Let a reload remove queues that hold messages.")
        settings.watchesFiles = options.flag("watch", "Reload the project whenever one of its files is saved.")
        self.settings = settings
        tool = options.tool
    }

    mutating func begin() throws {
        let signals = try Signals()
        self.signals = signals
        signals.endOnRepeat()
    }

    func run() async throws -> Int32 {
        if process?.isList == true { return try listCommands() }
        let writer = try logOptions.makeWriter()
        let log = logOptions.log(to: writer)
        let (supervisors, continuation) = AsyncStream<Supervisor>.makeStream()
        var application = tool.application(settings, log: log) { continuation.yield($0) }
        if let process { application.instruments.accepts = { _ = try process.ids(in: $0) } }
        let control = await ControlServer.open(
            in: .ofProject, services: tool.controlServices(of: application.registry), log: log)
        let telling = NotifySocket().map { socket in
            Task(executorPreference: EventLoop.current) {
                for await supervisor in supervisors { await socket.follow(supervisor.stages) }
            }
        }
        let running = Task(executorPreference: EventLoop.current) { [process, application] () async throws -> Int32 in
            guard let process else {
                try await application.run()
                return 0
            }
            return try await application.run { try await process.run(in: application) }
        }
        try signals?.onEach { [signals, application] number in
            log.info("received a signal", ["signal": "\(Signals.name(of: number))"])
            switch signals?.request(of: number) {
            case .reload:
                // Nothing waits for the reload. The log has its result.
                Task { await application.reload() }
                return true
            case .stop, nil:
                running.cancel()
                return false
            }
        }
        let result = await running.result
        await control?.close()
        continuation.finish()
        await telling?.value
        if let writer { _ = writer.close(within: .seconds(1)) }
        return try result.get()
    }

    /// Prints the commands that the project declares.
    private func listCommands() throws -> Int32 {
        let checked = tool.application(settings).check()
        try checked.throwIfInvalid()
        let commands = checked.plan.commands.compactMap { planned in
            planned.command.name.map { (name: $0, summary: planned.command.summary, id: planned.id) }
        }.sorted { $0.name < $1.name }
        try Console.out(
            commands.isEmpty
                ? "The project has no commands. A process with 'meta: {command: {name: …}}' is a command."
                : "\(TextTable(commands.map { ["\($0.name)", "\($0.summary)  (\($0.id))"] }))")
        return 0
    }
}

/// The options for the log.
private struct LogOptions {
    let level: LogLevel
    let format: LogFormat
    let isSilent: Bool
    let isDevelopment: Bool

    /// - Parameter isQuiet: true if nothing is logged, unless an option for the log is given.
    init(from options: inout OptionReader, isQuiet: Bool) {
        let isVerbose = options.flag("verbose", letter: "v", "Log more, including each answer of every server.")
        let asksForColors = options.flag(
            "console", letter: "c", "Log in color even if standard error is not a terminal.")
        let asksForSilence = options.flag("silent", letter: "s", "Log nothing.")
        let isJSON = options.flag("json", "Log one JSON object per line.")
        isDevelopment = options.flag("dev", "Show more in error answers and in the log, for development.")
        isSilent = asksForSilence || (isQuiet && !isVerbose && !asksForColors && !isJSON && !isDevelopment)
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
