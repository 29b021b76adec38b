import WippyApplication
import WippyDefinition
import WippyGraph
import WippyRuntime
import WippyText

/// `graph`: prints the project's entries, and the relations between them.
struct GraphCommand: ApplicationCommand {
    static let name = "graph"
    static let summary = "Print a graph of the entries, for Mermaid or Graphviz, or as a picture."
    static let discussion = """
        An arrow leads from an entry to an entry that it calls, reads or publishes to, and from a queue to its consumer.
        A line without a head joins an entry with those that belong to it. 'graph --format svg > graph.svg' draws the
        picture.
        """

    private static let formats = ["mermaid", "dot", "svg", "json"]

    let settings: Application.Settings
    private let format: String
    let tool: CommandLineTool

    init(from options: inout OptionReader) {
        settings = options.projectSettings()
        format = options.word(
            "format", valueName: "format", among: Self.formats, default: "mermaid",
            "\(Self.formats.joined(separator: ", ")).")
        tool = options.tool
    }

    func run() throws -> Int32 {
        let checked = tool.application(settings).read()
        try checked.throwIfInvalid()
        let graph = checked.plan.entryGraph
        let text =
            switch ExactText(format) {
            case "dot": graph.dot
            case "svg": graph.svg
            case "json": graph.json
            default: graph.mermaid
            }
        try Console.out(text, terminator: "")
        return 0
    }
}
