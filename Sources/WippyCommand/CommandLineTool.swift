import EventLoops
import Glibc
// The main file of a program, and the file of a command, import this alone.
@_exported public import Wippy
import WippyDefinition
import WippyLog
public import WippyRuntime
import WippyText
import WippyValues

/// The command line of `wippy-swift` and of every application.
///
/// They have the same commands, with other handlers and kinds.
public struct CommandLineTool: Sendable {
    /// What the program is called.
    let name: String
    private let handlers: HandlerTable
    private let kinds: [any EntryKind]
    private let commands: [any Command.Type]

    /// Whether `run`, `lint` and commands that it does not have, in a folder with a Swift package, build the
    /// application in it and become it.
    let buildsApplications: Bool

    /// Creates the tool.
    ///
    /// - Parameters:
    ///   - program: the program's name in its help.
    ///   - handlers: the Swift handlers that entries can name.
    ///   - kinds: the kinds that entries can have, and additions to the list such as middleware.
    ///   - commands: further commands.
    ///   - buildsApplications: whether the tool, in the folder of a Swift package, builds the application there and
    ///     becomes it. An application itself never does.
    public init(
        program: String, handlers: HandlerTable = HandlerTable(), kinds: [any EntryKind] = .standard,
        commands: [any Command.Type] = [], buildsApplications: Bool = false
    ) {
        name = program
        self.handlers = handlers
        self.kinds = kinds
        self.commands =
            [
                InitCommand.self, RunCommand.self, TestCommand.self, LintCommand.self, RegistryCommand.self,
                KindsCommand.self, SchemaCommand.self, GraphCommand.self, QueueCommand.self, VerifyCommand.self,
                VersionCommand.self,
                CompletionsCommand.self, ManualCommand.self,
            ] + kinds.additions.compactMap { $0 as? any Command.Type } + commands
        self.buildsApplications = buildsApplications
    }

    /// Runs the command that the arguments name, and ends the program.
    ///
    /// First it opens closed standard descriptors as `/dev/null`, and makes SIGPIPE an error.
    public func main() async -> Never {
        Descriptors.open()
        Descriptors.surviveBrokenPipes()
        RunningEntry.reportTraps()
        if let want = Descriptors.want(of: name) {
            Ending(status: 1, line: "Error: \(want)").endProgram()
        }
        let command: any Command
        let loop: EventLoop
        do {
            command = try begin(Array(CommandLine.arguments.dropFirst()))
            loop = try EventLoopGroup(count: 1).next()
        } catch {
            Ending(of: error).endProgram()
        }
        // Has Swift's timers set up while there are descriptors for them: a handler's first `Task.sleep` would end the
        // program where there are none. A time so short that it is over at once would set up none.
        try? await Task.sleep(for: .microseconds(500))
        // From here to the exit everything runs on a thread that exists: at the limit of threads a task of Swift's
        // shared pool can wait for ever.
        Task(executorPreference: loop) {
            do {
                Ending(status: try await command.run()).endProgram()
            } catch {
                Ending(of: error).endProgram()
            }
        }
        // This task is in nobody's way meanwhile.
        while true { try? await Task.sleep(for: .seconds(86_400)) }
    }

    /// Begins the command that the arguments name; prints the help that they ask for, and ends the program.
    private func begin(_ arguments: [String]) throws -> any Command {
        guard let word = arguments.first, !["help", "--help", "-h"].contains(word) else {
            try showHelp(help)
        }
        guard let type = commands.first(where: { ExactText.areEqual($0.name, word) }) else {
            // It may be one of the application's own.
            try ApplicationBuild.becomeApplication(of: self, settings: Application.Settings())
            throw unknownCommand(word)
        }
        let description = CommandDescription(of: type, tool: self)
        let parsed = try ParsedArguments(arguments.dropFirst(), for: description)
        if parsed.asksForHelp { try showHelp(description.help(of: name)) }
        var options = OptionReader(parsed, of: self)
        let command = try type.init(from: &options)
        if let problem = options.problem { throw problem }
        guard var early = command as? any EarlyCommand else { return command }
        try early.begin()
        return early
    }

    /// What each command is called, does and takes.
    var descriptions: [CommandDescription] { commands.map { CommandDescription(of: $0, tool: self) } }

    /// The project in the working directory, with what the program brings along.
    ///
    /// - Parameter supervised: gets the supervisor before it starts anything.
    func application(
        _ settings: Application.Settings, log: Log = .silent,
        supervised: @escaping @Sendable (Supervisor) -> Void = { _ in }
    ) -> Application {
        let kinds = CrashedApplication.testOfThisProcess(log: log)?.kinds(kinds) ?? kinds
        var application = Application(project: ".", handlers: handlers, kinds: kinds, settings: settings, log: log)
        application.mistakes = mistakes
        application.instruments.supervised = supervised
        return application
    }

    /// What the program brings along for entries.
    var program: Program { Program(handlers: handlers, kinds: KindCatalog(kinds), absentKinds: .ofWippy) }

    /// The JSON Schema of the definition files that the program reads, as the text of a file.
    var definitionSchema: String {
        JSON.indentedText(of: DefinitionSchema(of: program).value)
    }

    /// What is wrong with the list of commands.
    private var mistakes: [Diagnostic] {
        let named = Dictionary(grouping: commands) { ExactText($0.name) }.sorted { $0.key < $1.key }
        let sentences = named.flatMap { name, types in
            let misnamed =
                Self.isName(name)
                ? [] : ["(\(String(reflecting: types[0]))) must have a name of lower-case words joined by dashes"]
            return (misnamed + (types.count > 1 ? ["is listed \(RepeatedTypes(types))"] : [])).map { (name, $0) }
        }
        return sentences.map { .error(at: Location(source: "commands"), "the command '\($0)' \($1)") }
    }

    private static func isName(_ name: ExactText) -> Bool {
        name.string.unicodeScalars.split(separator: "-", omittingEmptySubsequences: false).allSatisfy { word in
            !word.isEmpty && word.allSatisfy { ("a"..."z").contains($0) }
        }
    }

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
    /// Runs the command line of an application and ends the program.
    ///
    /// Call it from your `main`.
    ///
    /// - Parameters:
    ///   - handlers: handlers under their own names.
    ///   - named: handlers under other names. A full id makes the handler replace that entry's Lua code.
    ///   - kinds: the kinds that entries can have. `.standard + [MyKind()]` adds a kind, `MiddlewareKind<Mine>()` a
    ///     middleware, `CommandKind<Mine>()` a command.
    ///   - commands: further commands.
    public static func main(
        handlers: [any Handler.Type], named: KeyValuePairs<String, any Handler.Type> = [:],
        kinds: [any EntryKind] = .standard, commands: [any Command.Type] = []
    ) async -> Never {
        let program =
            CommandLine.arguments.first?.unicodeScalars.split(separator: "/").last.map(String.init) ?? "application"
        await CommandLineTool(
            program: program, handlers: HandlerTable(handlers, named: named), kinds: kinds, commands: commands
        ).main()
    }
}
