/// `version`: which version this is.
struct VersionCommand: Command {
    static let description = CommandDescription(
        name: "version", summary: "Show the version.", discussion: "",
        options: [.flag("short", "Show only the number.")])

    /// The version of this source tree.
    static let version = "0.1.0"

    private let isShort: Bool

    init(_ arguments: ParsedArguments, tool: CommandLineTool) {
        isShort = arguments.has("short")
    }

    func run() throws -> Int32 {
        try Console.out(isShort ? Self.version : "wippy-swift \(Self.version)")
        return 0
    }
}
