import EventLoops
import Glibc
public import Wippy
import WippyDefinition
public import WippyRuntime
import WippyText

/// The command line of `wippy-swift` and of every application: the same commands, with other handlers.
public struct CommandLineTool: Sendable {
    static var commands: [any Command.Type] {
        [InitCommand.self, RunCommand.self, LintCommand.self, VersionCommand.self]
    }

    let program: String
    let handlers: HandlerTable
    let kinds: [any EntryKind]

    /// Whether `run` and `lint`, in a folder with a Swift package, build the application in it and become it.
    let buildsApplications: Bool

    /// Creates the tool.
    ///
    /// - Parameters:
    ///   - program: what the program is called in its help.
    ///   - handlers: the Swift handlers that it brings along.
    ///   - kinds: the kinds that entries may be of.
    ///   - buildsApplications: whether it builds the application of a folder that holds a Swift package; an
    ///     application itself never does.
    public init(
        program: String, handlers: HandlerTable = HandlerTable(), kinds: [any EntryKind] = .standard,
        buildsApplications: Bool = false
    ) {
        self.program = program
        self.handlers = handlers
        self.kinds = kinds
        self.buildsApplications = buildsApplications
    }

    /// Does what the arguments say and ends the program.
    ///
    /// Before anything else it opens the standard descriptors that are closed, as `/dev/null`, and takes over SIGPIPE.
    public func main() async -> Never {
        Descriptors.open()
        Descriptors.surviveBrokenPipes()
        RunningEntry.reportTraps()
        if let want = Descriptors.want(of: program) {
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
        guard let name = arguments.first, !["help", "--help", "-h"].contains(name) else {
            try showHelp(help)
        }
        guard let type = Self.commands.first(where: { ExactText.areEqual($0.description.name, name) }) else {
            throw unknownCommand(name)
        }
        let parsed = try ParsedArguments(arguments.dropFirst(), for: type.description)
        if parsed.asksForHelp { try showHelp(type.description.help(of: program)) }
        var command = try type.init(parsed, tool: self)
        try command.begin()
        return command
    }

    private func showHelp(_ help: String) throws -> Never {
        try Console.out(help)
        Ending(status: 0).endProgram()
    }

    private func unknownCommand(_ name: String) -> UsageError {
        let names = Self.commands.map { $0.description.name }
        let help = Spelling.nearest(to: name, among: names).map { "did you mean '\($0)'?" }
        return UsageError("no command '\(name)'; \(help ?? "'\(program)' alone lists them")")
    }

    private var help: String {
        let descriptions = Self.commands.map { $0.description }
        let width = descriptions.map(\.name.count).max() ?? 0
        let rows = descriptions.map { "  \($0.name.padded(to: width))  \($0.summary)" }
        return """
            \(program): runs applications that are declared in YAML.

            Usage: \(program) <command> [options]

            Commands:
            \(rows.joined(separator: "\n"))

            '\(program) <command> --help' says what a command takes.
            """
    }
}

/// One command of the tool.
protocol Command: Sendable {
    /// What it is called, does and takes.
    static var description: CommandDescription { get }

    /// Reads its options.
    init(_ arguments: ParsedArguments, tool: CommandLineTool) throws

    /// Does what must come before anything else, on the program's first thread while it is the only one: signals that
    /// are held back there are held back in the whole program.
    mutating func begin() throws

    /// Does its work.
    ///
    /// - Returns: the exit status.
    func run() async throws -> Int32
}

extension Command {
    mutating func begin() throws {}
}

extension Application {
    /// The whole program of an application: its command line, with its handlers.
    ///
    /// - Parameters:
    ///   - handlers: the handlers under their own names.
    ///   - named: handlers under other names; a full id makes the handler take the place of that entry's Lua code.
    ///   - kinds: the kinds that entries may be of; `.standard + [MyKind()]` adds one.
    public static func main(
        handlers: [any Handler.Type], named: KeyValuePairs<String, any Handler.Type> = [:],
        kinds: [any EntryKind] = .standard
    ) async -> Never {
        let program =
            CommandLine.arguments.first?.unicodeScalars.split(separator: "/").last.map(String.init) ?? "application"
        await CommandLineTool(program: program, handlers: HandlerTable(handlers, named: named), kinds: kinds).main()
    }
}
