import EventLoops
import Glibc
public import Wippy
import WippyDefinition
import WippyRuntime
import WippyText

/// The command line of `wippy-swift` and of every application: the same commands, with other handlers.
public struct CommandLineTool: Sendable {
    static var commands: [any Command.Type] {
        [InitCommand.self, RunCommand.self, LintCommand.self, VersionCommand.self]
    }

    let program: String
    let handlers: HandlerTable

    /// Whether `run` and `lint`, in a folder with a Swift package, build the application in it and become it.
    let buildsApplications: Bool

    /// The signals that a command which ends gracefully has taken over.
    private(set) var signals: Signals?

    /// Creates the tool.
    ///
    /// - Parameters:
    ///   - program: what the program is called in its help.
    ///   - handlers: the Swift handlers that it brings along.
    ///   - buildsApplications: whether it builds the application of a folder that holds a Swift package; an
    ///     application itself never does.
    public init(program: String, handlers: HandlerTable = HandlerTable(), buildsApplications: Bool = false) {
        self.program = program
        self.handlers = handlers
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
        // From here to the exit everything runs on a thread that exists: at the limit of threads a task of Swift's
        // shared pool can wait for ever.
        let arguments = Array(CommandLine.arguments.dropFirst())
        var tool = self
        let loop: EventLoop
        do {
            // Before this task gives way: a signal that comes earlier finds nothing that has begun.
            if Self.command(named: arguments.first)?.endsGracefully == true { tool.signals = try Signals() }
            loop = try EventLoopGroup(count: 1).next()
        } catch {
            Ending(status: 1, line: "Error: \(error)").endProgram()
        }
        Task(executorPreference: loop) { [tool] in await tool.run(arguments).endProgram() }
        // This task is in nobody's way meanwhile. By sleeping it has Swift's timers set up while there are descriptors
        // for them: a handler's first `Task.sleep` would end the program where there are none.
        while true { try? await Task.sleep(for: .seconds(86_400)) }
    }

    /// Does what the arguments say.
    private func run(_ arguments: [String]) async -> Ending {
        do {
            return Ending(status: try await run(arguments), line: nil)
        } catch let error as ChildPrograms.Interruption {
            return Ending(status: error.exitStatus, line: "Error: \(error)")
        } catch {
            return Ending(status: 1, line: "Error: \(error)")
        }
    }

    /// Does what the arguments say.
    ///
    /// - Returns: the exit status.
    private func run(_ arguments: [String]) async throws -> Int32 {
        guard let name = arguments.first, !["help", "--help", "-h"].contains(name) else {
            try Console.out(help)
            return 0
        }
        guard let command = Self.command(named: name) else {
            throw unknownCommand(name)
        }
        let parsed = try ParsedArguments(arguments.dropFirst(), for: command.description)
        if parsed.asksForHelp {
            try Console.out(command.description.help(of: program))
            return 0
        }
        return try await command.init(parsed, tool: self).run()
    }

    private static func command(named name: String?) -> (any Command.Type)? {
        commands.first { command in name.map { ExactText.areEqual($0, command.description.name) } ?? false }
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

    /// Whether a signal asks it to end, instead of ending the program.
    static var endsGracefully: Bool { get }

    /// Reads its options.
    init(_ arguments: ParsedArguments, tool: CommandLineTool) throws

    /// Does its work.
    ///
    /// - Returns: the exit status.
    func run() async throws -> Int32
}

extension Command {
    static var endsGracefully: Bool { false }
}

extension Application {
    /// The whole program of an application: its command line, with its handlers.
    ///
    /// - Parameters:
    ///   - handlers: the handlers under their own names.
    ///   - named: handlers under other names; a full id makes the handler take the place of that entry's Lua code.
    public static func main(handlers: [any Handler.Type], named: KeyValuePairs<String, any Handler.Type> = [:]) async
        -> Never
    {
        let program =
            CommandLine.arguments.first?.unicodeScalars.split(separator: "/").last.map(String.init) ?? "application"
        await CommandLineTool(program: program, handlers: HandlerTable(handlers, named: named)).main()
    }
}
