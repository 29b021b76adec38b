/// `completions`: prints a script with which a shell completes the program's commands and options.
struct CompletionsCommand: Command {
    static let name = "completions"
    static let summary = "Print the completions of a shell."
    static let discussion = "'make install' puts the completions where each shell looks for them."

    private let shell: Shell?
    private let tool: CommandLineTool

    init(from options: inout OptionReader) {
        shell = options.word("shell", valueName: "shell", among: Shell.allCases.map(\.rawValue), "bash, zsh or fish.")
            .flatMap(Shell.init)
        tool = options.tool
    }

    func run() throws -> Int32 {
        guard let shell else {
            throw UsageError(
                "'completions' needs a shell: give '--shell bash', '--shell zsh' or '--shell fish'")
        }
        try Console.out(shell.completions(of: tool.name, tool.descriptions), terminator: "")
        return 0
    }
}
