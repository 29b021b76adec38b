public import Wippy
public import WippyCommandLine

extension Application {
    /// Runs the command line of an application with the standard kinds and commands, and ends the program.
    ///
    /// Call it from your program's main file.
    ///
    /// - Parameters:
    ///   - handlers: the handlers, each under its own `name`.
    ///   - named: further handlers, by names that you choose. If the name is the full id of an entry, the handler
    ///     replaces that entry's Lua code. Default: none.
    ///   - kinds: the kinds that entries can have, and the program's other parts, such as middleware
    ///     (`.standard(middleware: [Mine.self])`) and modules for Lua scripts. Default: the standard kinds.
    ///   - commands: the commands beside general ones such as `run` and `lint`. Default: the standard commands.
    ///   - templates: the applications that `init --template` writes. Default: the standard templates.
    public static func main(
        handlers: [any Handler.Type], named: KeyValuePairs<String, any Handler.Type> = [:],
        kinds: [any ProgramPart] = .standard, commands: [any Command.Type] = .standard,
        templates: [ProjectTemplate] = .standard
    ) async -> Never {
        await Application.WippyCommandLine::main(
            handlers: handlers, named: named, kinds: kinds, commands: commands, templates: templates)
    }
}

extension CommandLineTool {
    /// Creates a tool with the standard kinds and commands.
    ///
    /// - Parameters:
    ///   - program: the name of the program, for its help.
    ///   - handlers: the Swift handlers that entries can name. Default: none.
    ///   - kinds: the kinds that entries can have. Default: the standard kinds.
    ///   - commands: the commands beside the general ones. Default: the standard commands.
    ///   - templates: the applications that `init --template` writes. Default: the standard templates.
    ///   - buildsApplications: whether the tool builds the application of a Swift package in the folder, and then
    ///     replaces itself with the application. Default: false.
    public init(
        program: String, handlers: HandlerTable = HandlerTable(), kinds: [any ProgramPart] = .standard,
        commands: [any Command.Type] = .standard, templates: [ProjectTemplate] = .standard,
        buildsApplications: Bool = false
    ) {
        self.WippyCommandLine::init(
            program: program, handlers: handlers, kinds: kinds, commands: commands, templates: templates,
            buildsApplications: buildsApplications)
    }
}
