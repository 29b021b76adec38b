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
    public func main() async -> Never {
        RunningEntry.reportTraps()
        exit(await run(Array(CommandLine.arguments.dropFirst())))
    }

    /// Does what the arguments say.
    ///
    /// - Returns: the exit status: 0 for success, 1 for anything else.
    func run(_ arguments: [String]) async -> Int32 {
        guard let name = arguments.first, !["help", "--help", "-h"].contains(name) else {
            Console.out(help)
            return 0
        }
        do {
            guard let command = Self.commands.first(where: { ExactText.areEqual($0.description.name, name) }) else {
                throw unknownCommand(name)
            }
            let parsed = try ParsedArguments(arguments.dropFirst(), for: command.description)
            if parsed.asksForHelp {
                Console.out(command.description.help(of: program))
                return 0
            }
            return try await command.init(parsed, tool: self).run()
        } catch {
            Console.error("Error: \(error)")
            return 1
        }
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

    /// Does its work.
    ///
    /// - Returns: the exit status.
    func run() async throws -> Int32
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
