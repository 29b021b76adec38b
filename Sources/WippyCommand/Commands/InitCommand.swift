import WippyDefinition

/// `init`: writes `wippy.lock`, or brings the one that is there up to date.
struct InitCommand: Command {
    static let description = CommandDescription(
        name: "init", summary: "Make the folder a project: write its wippy.lock.",
        discussion: "An existing lock file keeps its modules and replacements; only its directories are set.",
        options: [
            .value("src-dir", letter: "d", "folder", "Where the definition files are; ./src unless given."),
            .value("modules-dir", "folder", "Where modules are; .wippy unless given."),
            .value("lock-file", letter: "l", "file", "The file to write; wippy.lock unless given."),
        ])

    private let sources: String
    private let modules: String
    private let path: String

    init(_ arguments: ParsedArguments, tool: CommandLineTool) {
        sources = arguments.last("src-dir") ?? "./src"
        modules = arguments.last("modules-dir") ?? ".wippy"
        path = arguments.last("lock-file") ?? "wippy.lock"
    }

    func run() throws -> Int32 {
        let existed = try Project.writeLockFile(path, sources: sources, modules: modules)
        Console.out(
            existed ? "updated \(path): the sources are in \(sources)" : "wrote \(path): the sources are in \(sources)")
        return 0
    }
}
