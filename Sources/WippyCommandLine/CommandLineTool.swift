import EventLoops
import Glibc
public import WippyApplication
import WippyDefinition
import WippyLog
import WippyManual
public import WippyRuntime
import WippySystem
import WippyText
import WippyValues

/// The command line of `wippy-swift`, and of every program that calls `Application.main`.
///
/// Every program has the general commands, such as `run` and `lint`. The program lists its other commands: its own,
/// and those about a family of kinds, such as `queue`.
public struct CommandLineTool: Sendable {
    /// The name of the program.
    let name: String
    private let handlers: HandlerTable
    /// The parts of the program: those of its list of kinds, and then those of its commands.
    private let kinds: KindCatalog
    private let commands: [any Command.Type]

    /// The applications that `init --template` writes.
    let templates: [ProjectTemplate]

    /// True if the tool builds the application of a Swift package in the folder, and then replaces itself with the
    /// application.
    ///
    /// The tool does so for commands that read the project or the program's kinds, and for unknown commands.
    let buildsApplications: Bool

    /// The commands that the help lists before those of the program's own list.
    private static let ofProjects: [any Command.Type] = [
        InitCommand.self, RunCommand.self, TestCommand.self, LintCommand.self, RegistryCommand.self, KindsCommand.self,
        SchemaCommand.self, GraphCommand.self,
    ]

    /// The commands that the help lists at its end.
    private static let ofTheTool: [any Command.Type] = [
        VersionCommand.self, CompletionsCommand.self, ManualCommand.self,
    ]

    /// Creates the tool.
    ///
    /// - Parameters:
    ///   - program: the name of the program, for its help.
    ///   - handlers: the Swift handlers that entries can name. Default: none.
    ///   - kinds: the kinds that entries can have, and other parts such as `MiddlewarePart`.
    ///   - commands: the commands beside the general ones.
    ///   - templates: the applications that `init --template` writes. Default: none.
    ///   - buildsApplications: whether the tool builds the application of a Swift package in the folder, and then
    ///     replaces itself with the application. `Application.main` never does so. Default: false.
    public init(
        program: String, handlers: HandlerTable = HandlerTable(), kinds: [any ProgramPart],
        commands: [any Command.Type], templates: [ProjectTemplate] = [], buildsApplications: Bool = false
    ) {
        name = program
        self.handlers = handlers
        self.templates = templates
        self.commands = Self.ofProjects + commands + Self.ofTheTool
        self.kinds = KindCatalog(kinds + commands.flatMap { $0.parts })
        self.buildsApplications = buildsApplications
    }

    /// Runs the command that the program's arguments name, and ends the program.
    ///
    /// Call it from the program's main file.
    public func main() async -> Never {
        FreedMemory.keep(4 << 20)
        Descriptors.open()
        Descriptors.surviveBrokenPipes()
        RunningEntry.reportTraps()
        if let shortage = Descriptors.shortage(for: name) {
            Ending(status: 1, line: "Error: \(shortage)").endProgram()
        }
        let command: any Command
        let loop: EventLoop
        do {
            command = try begin(Array(CommandLine.arguments.dropFirst()))
            loop = try EventLoopGroup(count: 1).next()
        } catch {
            Ending(of: error).endProgram()
        }
        // This sets up Swift's timers while there are descriptors for them. Without descriptors, a handler's first
        // `Task.sleep` would end the program. A shorter sleep would return at once and set up nothing.
        try? await Task.sleep(for: .microseconds(500))
        // From here on, everything runs on threads that exist already. When the system has no more threads, a task in
        // Swift's shared pool can wait for ever.
        Task(executorPreference: loop) {
            do {
                Ending(status: try await command.run()).endProgram()
            } catch {
                Ending(of: error).endProgram()
            }
        }
        // This task only waits in the meantime.
        while true { try? await Task.sleep(for: .seconds(86_400)) }
    }

    /// Creates the command that the arguments name.
    ///
    /// If the arguments ask for help, it prints the help and ends the program.
    private func begin(_ arguments: [String]) throws -> any Command {
        guard let word = arguments.first, !["help", "--help", "-h"].contains(word) else {
            try showHelp(help)
        }
        guard let type = commands.first(where: { ExactText.areEqual($0.name, word) }) else {
            // It may be a command of the application.
            try ApplicationBuild.becomeApplication(of: self, settings: settingsFile(in: arguments.dropFirst()))
            throw unknownCommand(word)
        }
        let description = CommandDescription(of: type, tool: self)
        let parsed = try ParsedArguments(arguments.dropFirst(), for: description)
        if parsed.asksForHelp { try showHelp(description.help(of: name)) }
        var options = OptionReader(parsed, of: self)
        var command = try type.init(from: &options)
        if let problem = options.problem { throw problem }
        if let settings = options.settings {
            try ApplicationBuild.becomeApplication(of: self, settings: settings)
        }
        try command.begin()
        // The program that has built this one held them back when it became this one.
        Signals.setHeld(false)
        return command
    }

    /// Reads the options that choose the settings file, from the arguments of an unknown command.
    private func settingsFile(in arguments: some Sequence<String>) -> Application.Settings {
        var options = OptionReader(of: self)
        _ = options.settingsFile()
        options = OptionReader(ParsedArguments(only: options.options, in: arguments), of: self)
        return options.settingsFile()
    }

    /// The descriptions of all commands.
    var descriptions: [CommandDescription] { commands.map { CommandDescription(of: $0, tool: self) } }

    /// Returns an application of the project in the working directory, with the program's handlers and kinds.
    ///
    /// - Parameter supervised: gets the supervisor before it starts anything.
    func application(
        _ settings: Application.Settings, log: Log = .silent,
        supervised: @escaping @Sendable (Supervisor) -> Void = { _ in }
    ) -> Application {
        var application = Application(
            project: ".", handlers: handlers, kinds: kinds, settings: settings, log: log)
        application.sections = sections
        application.mistakes = mistakes
        application.instruments.supervised = supervised
        return application
    }

    /// The services for requests of commands.
    ///
    /// A service that several commands have counts once.
    private var controlServices: [any ControlService.Type] {
        RepeatedTypes.once(commands.flatMap { $0.services }) { $0 }
    }

    /// Returns the services for requests of commands to the application with a registry.
    func controlServices(of registry: Registry) -> [any ControlService] { controlServices.map { $0.init(registry) } }

    /// The sections of `.wippy.yaml` that the tool and its commands obey.
    private var sections: [any SettingsSection.Type] { [SwiftSettings.self] + commands.flatMap { $0.settings } }

    /// The program, with its handlers and kinds.
    package var program: Program { Program(handlers: handlers, kinds: kinds, settings: sections) }

    /// The text of the JSON Schema for the definition files that the program reads.
    var definitionSchema: String {
        JSON.indentedText(of: DefinitionSchema(of: program).value)
    }

    /// The errors in the lists of commands and of services for the control socket.
    private var mistakes: [Diagnostic] {
        let commands = commands.map { (ExactText($0.name), $0 as Any.Type) }
        let services = controlServices.map { (ExactText($0.name), $0 as Any.Type) }
        let mistakes =
            Self.misnamed("command", in: commands) + Self.misnamed("control service", in: services)
            + RepeatedTypes.mistakes(of: "command", in: commands)
            + RepeatedTypes.mistakes(of: "control service", in: services)
        return mistakes.map { .error(at: Location(source: "commands"), $0) }
    }

    private static func misnamed(_ word: String, in types: [(name: ExactText, type: Any.Type)]) -> [String] {
        types.filter { !nameShape.matches($0.name.string) }.map { name, type in
            "the \(word) '\(name)' (\(String(reflecting: type))) must have a name of lower-case words joined by dashes"
        }
    }

    private static let nameShape = TextShape.list(of: .word(of: Alphabet("a"..."z")), separatedBy: "-")

    private func showHelp(_ help: String) throws -> Never {
        try Console.out(help)
        Ending(status: 0).endProgram()
    }

    private func unknownCommand(_ word: String) -> UsageError {
        let names = commands.map { $0.name }
        let help = Spelling.nearest(to: word, among: names).map { "did you mean '\($0)'?" }
        return UsageError("there is no command '\(word)'; \(help ?? "'\(name) --help' lists the commands")")
    }

    private var help: String {
        let width = commands.map { $0.name.count }.max() ?? 0
        let rows = commands.map { "  \($0.name.padded(to: width))  \($0.summary)" }
        return """
            \(name): runs applications that are declared in YAML.

            Usage: \(name) <command> [options]

            Commands:
            \(rows.joined(separator: "\n"))

            '\(name) <command> --help' lists the arguments and options of a command.
            """
    }
}

extension Application {
    /// Runs the command line of an application, and ends the program.
    ///
    /// Call it from your program's main file.
    ///
    /// - Parameters:
    ///   - handlers: the handlers, each under its own `name`.
    ///   - named: further handlers, by names that you choose. If the name is the full id of an entry, the handler
    ///     replaces that entry's Lua code. Default: none.
    ///   - kinds: the kinds that entries can have, and the program's other parts, such as middleware
    ///     (`MiddlewarePart(Mine.self)`) and modules for Lua scripts.
    ///   - commands: the commands beside general ones such as `run` and `lint`.
    ///   - templates: the applications that `init --template` writes. Default: none.
    public static func main(
        handlers: [any Handler.Type], named: KeyValuePairs<String, any Handler.Type> = [:],
        kinds: [any ProgramPart], commands: [any Command.Type], templates: [ProjectTemplate] = []
    ) async -> Never {
        let program =
            CommandLine.arguments.first?.unicodeScalars.split(separator: "/").last.map(String.init) ?? "application"
        await CommandLineTool(
            program: program, handlers: HandlerTable(handlers, named: named), kinds: kinds, commands: commands,
            templates: templates
        ).main()
    }
}
