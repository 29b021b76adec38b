/// `manual`: prints the program's manual page.
struct ManualCommand: Command {
    static let name = "manual"
    static let summary = "Print the manual page, as man reads it."

    private let tool: CommandLineTool

    init(from options: inout OptionReader) {
        tool = options.tool
    }

    func run() throws -> Int32 {
        try Console.out(ManualPage(program: tool.name, commands: tool.descriptions).text, terminator: "")
        return 0
    }
}
