import Synchronization
import Testing
import WippyApplication
import WippyDefinition
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

    private static func tool(_ commands: [any Command.Type]) -> CommandLineTool {
        CommandLineTool(program: "test", kinds: [], commands: commands)
    }

    private func mistakes(_ commands: [any Command.Type]) -> [String] {
        let report = Self.tool(commands).application(.init()).check().report
        return report.diagnostics.filter { $0.location.source == "commands" }.map(\.description)
    }

    @Test("Mistakes in the list are errors of the check, with the types' full names")
    func mistakes() {
        #expect(mistakes([Count.self]) == [])
        let (count, other) = (String(reflecting: Count.self), String(reflecting: OtherCount.self))
        #expect(
            mistakes([Count.self, OtherCount.self, Misnamed.self, Run.self]) == [
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
        #expect(
            mistakes([Count.self, Count.self]) == [
                "commands: error: the command 'count' is listed twice, as \(count); list it once"
            ])
    }

    private struct Limits: SettingsSection {
        static let section = "limits"
        let count: Int
        init(from fields: inout FieldReader) { count = fields.optional("count", default: 1, "The largest count.") }
    }

    private struct Limited: Command {
        static let name = "limited"
        static let summary = "Counts up to a limit."
        static let settings: [any SettingsSection.Type] = [Limits.self]
        init(from options: inout OptionReader) {}
        func run() -> Int32 { 0 }
    }

    @Test("A command brings its section of the settings file along, and every program has that of the Swift package")
    func sections() throws {
        let folder = try TemporaryFolder()
        try folder.write("version: 1.0\nlimits: {count: 3}\nswift: {product: p}\nother: {}", to: "w.yaml")
        var settings = Application.Settings()
        settings.settingsFile = "\(folder.path)/w.yaml"
        let tool = CommandLineTool(program: "test", kinds: [], commands: [Limited.self])
        let project = tool.application(settings).check()
        #expect(project.project.settings[Limits.self].count == 3)
        let found = project.report.diagnostics.filter { $0.location.source.hasSuffix("w.yaml") }
        #expect(found.map(\.message) == ["'other' has no effect here"])
    }

    @Test("'init' has the templates that its program lists, and no option for templates if there are none")
    func templates() throws {
        let note = ProjectTemplate(
            name: "note", summary: "Keeps notes.", trial: "Try it.",
            sources: [
                ProjectTemplate.File(path: "Sources/{{MODULE}}/A.swift", text: "struct {{MODULE}} {}\n"),
                ProjectTemplate.File(path: "Package.swift", text: "// own\n"),
            ])
        func description(_ templates: [ProjectTemplate]) -> CommandDescription {
            CommandDescription(
                of: InitCommand.self,
                tool: CommandLineTool(program: "test", kinds: [], commands: [], templates: templates))
        }
        let help = description([note]).help(of: "test")
        #expect(help.contains("  note  Keeps notes.") && help.contains("Write this application: note."))
        #expect(description([]).option(named: "template") == nil && !description([]).discussion.contains("template"))
        let project = try NewProject(name: "my-notes", dependency: .path("/w"))
        let files = Dictionary(grouping: note.files(of: project, schema: "{}"), by: \.path).mapValues { $0.map(\.text) }
        #expect(files["Sources/MyNotes/A.swift"] == ["struct MyNotes {}\n"] && files["Package.swift"] == ["// own\n"])
        #expect(files["Makefile"]?.count == 1)
    }

    @Test("A template's image has the libraries and the health check that it names")
    func image() throws {
        func dockerfile(readyPath: String?) throws -> String {
            let template = ProjectTemplate(
                name: "note", summary: "Keeps notes.", trial: "Try it.", port: 81, readyPath: readyPath,
                libraries: [.init(development: "libpq-dev", runtime: "libpq5")])
            let project = try NewProject(name: "notes", dependency: .path("/w"))
            let files = template.files(of: project, schema: "{}")
            #expect(files.contains { $0.path == "README.md" && $0.text.contains("libyaml-dev libpq-dev pkg-config") })
            return try #require(files.first { $0.path == "Dockerfile" }?.text)
        }
        let file = try dockerfile(readyPath: "/up")
        #expect(file.contains(" libpq-dev pkg-config \\\n") && file.contains(" libpq5 \\\n"))
        #expect(file.contains("EXPOSE 81\nHEALTHCHECK") && file.contains("'GET /up HTTP/1.1"))
        let unchecked = try dockerfile(readyPath: nil)
        #expect(unchecked.contains("EXPOSE 81\n#") && !unchecked.contains("HEALTHCHECK"))
    }

    @Test("In an empty project 'init' shows the first example of the program's templates, and knows no kind itself")
    func example() throws {
        func advice(_ templates: [ProjectTemplate]) throws -> String {
            let tool = CommandLineTool(program: "test", kinds: [], commands: [], templates: templates)
            var options = OptionReader(
                try ParsedArguments([], for: CommandDescription(of: InitCommand.self, tool: tool)), of: tool)
            return try InitCommand(from: &options).advice(for: "./src")
        }
        let plain = ProjectTemplate(name: "plain", summary: "Is plain.", trial: "Try it.")
        let note = ProjectTemplate(
            name: "note", summary: "Keeps notes.", trial: "Try it.", example: "namespace: notes\nentries: []")
        let other = ProjectTemplate(name: "other", summary: "Is other.", trial: "Try it.", example: "namespace: other")
        #expect(
            try advice([]) == """

                Next:
                1. Declare entries in ./src/_index.yaml; 'test kinds' lists their kinds.

                2. 'test lint' checks it, and 'test run' runs it.
                """)
        #expect(try advice([plain]).contains("_index.yaml; 'test kinds' lists their kinds.\n"))
        #expect(
            try advice([plain, note, other]).hasPrefix(
                """

                Next:
                1. Declare entries in ./src/_index.yaml, for example:

                    namespace: notes
                    entries: []

                2. 'test lint' checks it
                """))
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

    /// A command that asks a running application for a count.
    private struct Ask: Command {
        static let name = "ask"
        static let summary = "Asks."
        static let services: [any ControlService.Type] = [Counting.self]
        init(from options: inout OptionReader) {}
        func run() -> Int32 { 0 }
    }

    private struct AskAgain: Command {
        static let name = "ask-again"
        static let summary = "Asks again."
        static let services: [any ControlService.Type] = [Counting.self]
        init(from options: inout OptionReader) {}
        func run() -> Int32 { 0 }
    }

    private struct AskInVain: Command {
        static let name = "ask-in-vain"
        static let summary = "Asks in vain."
        static let services: [any ControlService.Type] = [MisnamedService.self]
        init(from options: inout OptionReader) {}
        func run() -> Int32 { 0 }
    }

    @Test("An application has the services of all commands, and a service of several commands once")
    func services() {
        let registry = Self.tool([]).application(.init()).registry
        let services = Self.tool([Count.self, Ask.self, AskAgain.self]).controlServices(of: registry)
        #expect(services.map { type(of: $0).name } == ["queue"])
        #expect(mistakes([Ask.self, AskAgain.self]) == [])
    }

    @Test("A service whose name no request can name is an error of the check")
    func misnamedService() {
        let type = String(reflecting: MisnamedService.self)
        #expect(
            mistakes([AskInVain.self]) == [
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
            mistakes(QueueCommands.all + [Ask.self]) == [
                """
                commands: error: the control service 'queue' is listed twice, as WippyQueueCommand.QueueControl and \
                \(other); give each a name of its own
                """
            ])
    }

    @Test("A program has the general commands, and those of its own list")
    func programs() {
        let general = ["init", "run", "test", "lint", "registry", "kinds", "schema", "graph"]
        let last = ["version", "completions", "manual"]
        func commands(_ commands: [any Command.Type]) -> [String] { Self.tool(commands).descriptions.map(\.name) }
        #expect(commands([]) == general + last)
        #expect(commands(QueueCommands.all + [Count.self]) == general + ["queue", "count"] + last)
    }

    /// Counts how often a list of kinds with it is read.
    private final class CountedPart: ProgramPart {
        let count = Atomic(0)
        func list(in parts: inout ProgramParts) { count.add(1, ordering: .relaxed) }
    }

    private struct Note: ProgramAddition {
        let added: String
        init(_ text: String) { added = text }
    }

    private struct Add: Command {
        static let name = "add"
        static let summary = "Adds."
        static let parts: [any ProgramPart] = [Note("of the command")]
        init(from options: inout OptionReader) {}
        func run() -> Int32 { 0 }
    }

    @Test("The parts of a command come after those of the program, and leave them as they are")
    func parts() {
        func notes(_ commands: [any Command.Type]) -> [String] {
            CommandLineTool(program: "test", kinds: [Note("of the program")], commands: commands)
                .program.additions(as: String.self)
        }
        #expect(notes([Count.self]) == ["of the program"])
        #expect(notes([Add.self, Count.self]) == ["of the program", "of the command"])
    }

    @Test("The list of kinds is read once, whatever the command reads of it")
    func readOnce() throws {
        let part = CountedPart()
        let tool = CommandLineTool(program: "test", kinds: [part], commands: [Count.self])
        _ = (tool.descriptions, tool.application(.init()), tool.program)
        #expect(part.count.load(ordering: .relaxed) == 1)
    }

    @Test("A command that reads the project's options runs in the folder's application, and no other one does")
    func applicationCommand() throws {
        func settings<Read: Command>(_ type: Read.Type, _ arguments: [String]) throws -> Application.Settings? {
            let tool = Self.tool([type])
            var options = OptionReader(
                try ParsedArguments(arguments, for: CommandDescription(of: type, tool: tool)), of: tool)
            _ = try type.init(from: &options)
            return options.settings
        }
        #expect(try settings(Count.self, ["--config", "a.yaml"])?.settingsFile == "a.yaml")
        #expect(try settings(KindsCommand.self, ["--profile", "b"])?.profiles == ["b"])
        #expect(try settings(Show.self, ["one"]) == nil)
    }

    @Test("An option is stated once: it is parsed by that, and its help is written")
    func options() throws {
        let tool = Self.tool([Count.self])
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
        let tool = Self.tool([Show.self])
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
