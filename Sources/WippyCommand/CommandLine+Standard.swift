public import Wippy
public import WippyCommandLine

extension Application {
    /// Runs the command line of an application with the standard kinds, and ends the program.
    ///
    /// Call it from your program's main file.
    ///
    /// - Parameters:
    ///   - handlers: the handlers. Each has its own name.
    ///   - named: further handlers, by names that you choose. If the name is the full id of an entry, the handler
    ///     replaces that entry's Lua code. Default: none.
    public static func main(
        handlers: [any Handler.Type], named: KeyValuePairs<String, any Handler.Type> = [:]
    ) async -> Never {
        await main(handlers: handlers, named: named, kinds: .standard)
    }
}

extension CommandLineTool {
    /// Creates a tool with the standard kinds.
    ///
    /// - Parameters:
    ///   - program: the name of the program, for its help.
    ///   - handlers: the Swift handlers that entries can name. Default: none.
    ///   - buildsApplications: whether the tool builds the application of a Swift package in the folder, and then
    ///     replaces itself with the application. Default: false.
    public init(program: String, handlers: HandlerTable = HandlerTable(), buildsApplications: Bool = false) {
        self.init(program: program, handlers: handlers, kinds: .standard, buildsApplications: buildsApplications)
    }
}
