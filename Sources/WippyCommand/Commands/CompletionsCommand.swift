/// `completions`: prints the script by which a shell completes the program's commands and options.
struct CompletionsCommand: Command {
    static let name = "completions"
    static let summary = "Print the completions of a shell."
    static let discussion = "'make install' puts those of each shell where it looks for them."

    private let shell: Shell?
    private let tool: CommandLineTool

    init(from options: inout OptionReader) {
        shell = options.word("shell", "shell", among: Shell.allCases.map(\.rawValue), "bash, zsh or fish.")
            .flatMap(Shell.init)
        tool = options.tool
    }

    func run() throws -> Int32 {
        guard let shell else { throw UsageError("'completions' needs a shell: '--shell bash', zsh or fish") }
        try Console.out(shell.completions(of: tool.name, tool.descriptions), terminator: "")
        return 0
    }
}
