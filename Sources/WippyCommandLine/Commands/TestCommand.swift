import WippyRuntime

/// `test`: runs the process with the project's tests.
struct TestCommand: Command {
    static let name = "test"
    static let summary = "Run the project's own tests: the process with \(ProcessCommand.useOfTests)."
    static let discussion = """
        The application runs as with 'run', and stops when the process ends. The exit status is the number that the
        process returns, 1 for false or an error, else 0. If several processes have
        \(ProcessCommand.useOfTests), none of them runs, and the exit status is 1.
        """

    private var command: RunCommand

    init(from options: inout OptionReader) {
        command = RunCommand(testing: &options)
    }

    mutating func begin() throws { try command.begin() }

    func run() async throws -> Int32 { try await command.run() }
}
