import Testing
import WippyApplication
import WippyQueueCommand
import WippyRuntime
import WippyTestTools
import WippyValues

@testable import WippyCommandLine

@Suite("A program's own commands")
struct CommandListTests {
    private struct Count: Command {
        static let name = "count"
        static let summary = "Counts."
        let application: Application
        let prefix: String?
        let isShort: Bool

        init(from options: inout OptionReader) throws {
            application = options.application()
            prefix = options.value("prefix", letter: "p", valueName: "text", "Those that begin so.")
            isShort = options.flag("short", "The number alone.")
        }

        func run() -> Int32 { 0 }
    }

    private struct Show: Command {
        static let name = "show"
        static let summary = "Shows."
        let what: String?
        let id: String?

        init(from options: inout OptionReader) {
            what = options.operand("what", among: ["one", "all"], isRequired: true, "How much.")
            id = options.operand("id", "Which one.")
        }

        func run() -> Int32 { 0 }
    }

    private struct OtherCount: Command {
        static let name = "count"
        static let summary = "Counts otherwise."
        init(from options: inout OptionReader) {}
        func run() -> Int32 { 0 }
    }

    private struct Run: Command {
        static let name = "run"
        static let summary = "Runs."
        init(from options: inout OptionReader) {}
        func run() -> Int32 { 0 }
    }

    private struct Misnamed: Command {
        static let name = "Count all"
        static let summary = "Counts."
        init(from options: inout OptionReader) {}
        func run() -> Int32 { 0 }
    }

    private func mistakes(_ commands: [any ProgramPart]) -> [String] {
        let report = CommandLineTool(program: "test", kinds: commands).application(.init()).check().report
        return report.diagnostics.filter { $0.location.source == "commands" }.map(\.description)
    }

    @Test("Mistakes in the list are errors of the check, with the types' full names")
    func mistakes() {
        #expect(mistakes([CommandPart<Count>()]) == [])
        let (count, other) = (String(reflecting: Count.self), String(reflecting: OtherCount.self))
        #expect(
            mistakes([
                CommandPart<Count>(), CommandPart<OtherCount>(), CommandPart<Misnamed>(), CommandPart<Run>(),
            ]) == [
                """
                commands: error: the command 'Count all' (\(String(reflecting: Misnamed.self))) must have a name of \
                lower-case words joined by dashes
                """,
                """
                commands: error: the command 'count' is listed twice, as \(count) and \(other); \
                give each a name of its own
                """,
                """
                commands: error: the command 'run' is listed twice, as WippyCommandLine.RunCommand and \
                \(String(reflecting: Run.self)); give each a name of its own
                """,
            ])
    }

    private struct Counting: ControlService {
        static let name = "queue"
        init(_ registry: Registry) {}
        func handle(_ request: ControlRequest, _ answer: ControlAnswer) {}
    }

    private struct MisnamedService: ControlService {
        static let name = "queue.count"
        init(_ registry: Registry) {}
        func handle(_ request: ControlRequest, _ answer: ControlAnswer) {}
    }

    @Test("A service whose name no request can name is an error of the check")
    func misnamedService() {
        let type = String(reflecting: MisnamedService.self)
        #expect(
            mistakes([ControlServicePart<MisnamedService>()]) == [
                """
                commands: error: the control service 'queue.count' (\(type)) must have a name of lower-case words \
                joined by dashes
                """
            ])
    }

    @Test("Two services for the control socket with one name are an error of the check")
    func repeatedService() {
        let other = String(reflecting: Counting.self)
        #expect(
            mistakes(QueueCommands.all + [ControlServicePart<Counting>()]) == [
                """
                commands: error: the control service 'queue' is listed twice, as WippyQueueCommand.QueueControl and \
                \(other); give each a name of its own
                """
            ])
    }

    @Test("A program has the general commands, those of its list of kinds, and its own")
    func programs() {
        let general = ["init", "run", "test", "lint", "registry", "kinds", "schema", "graph"]
        let last = ["version", "completions", "manual"]
        func commands(_ kinds: [any ProgramPart]) -> [String] {
            CommandLineTool(program: "test", kinds: kinds).descriptions.map(\.name)
        }
        #expect(commands([]) == general + last)
        #expect(commands(QueueCommands.all + [CommandPart<Count>()]) == general + ["queue", "count"] + last)
    }

    @Test("An option is stated once: it is parsed by that, and its help is written")
    func options() throws {
        let tool = CommandLineTool(program: "test", kinds: [CommandPart<Count>()])
        let description = CommandDescription(of: Count.self, tool: tool)
        #expect(
            description.help(of: "test") == """
                Counts.

                Usage: test count [options]

                Options:
                  -o, --override <ns:entry:path=value>  Set a field of an entry. Write a list as [a, b] or a,b, and \
                a map as {a: b}. You can repeat the option, or write several overrides with commas between.
                      --profile <name>                  Use a profile of the settings file. You can repeat the \
                option; the last profile takes precedence.
                      --set <section.path=value>        Set a value of the settings file. You can repeat the option.
                      --config <file>                   Read this settings file instead of .wippy.yaml.
                      --lenient                         Treat two errors as warnings: an id that is declared \
                twice, and an unknown field that resembles no known one.
                  -p, --prefix <text>                   Those that begin so.
                      --short                           The number alone.
                  -h, --help                            Show this help.
                """)
        var options = OptionReader(
            try ParsedArguments(["-p", "a", "--prefix=b", "--override", "app:x:y=1"], for: description), of: tool)
        let command = try Count(from: &options)
        #expect(command.prefix == "b" && !command.isShort)
        #expect(throws: UsageError.self) { try ParsedArguments(["--prefx", "a"], for: description) }
    }

    @Test("A word behind a command's name is stated once, too, and no more words are taken than are stated")
    func operands() throws {
        let tool = CommandLineTool(program: "test", kinds: [CommandPart<Show>()])
        let description = CommandDescription(of: Show.self, tool: tool)
        #expect(
            description.help(of: "test") == """
                Shows.

                Usage: test show <what> [id] [options]

                Arguments:
                  <what>  How much.
                  [id]    Which one.

                Options:
                  -h, --help  Show this help.
                """)
        func show(_ arguments: [String]) throws -> Show {
            var options = OptionReader(try ParsedArguments(arguments, for: description), of: tool)
            let command = Show(from: &options)
            if let problem = options.problem { throw problem }
            return command
        }
        let command = try show(["one", "app:x"])
        #expect(command.what == "one" && command.id == "app:x")
        for (arguments, sentence) in [
            ([], "the what is missing: one, all"), (["onee"], "there is no what 'onee'; did you mean 'one'?"),
            (["all", "x", "y"], "'show' takes no argument 'y'"),
        ] {
            #expect { try show(arguments) } throws: { "\($0)" == sentence }
        }
    }
}
