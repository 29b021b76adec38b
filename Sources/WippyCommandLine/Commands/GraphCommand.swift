import WippyApplication
import WippyDefinition
import WippyGraph
import WippyRuntime
import WippyText

/// `graph`: prints the project's entries, and the relations between them.
struct GraphCommand: Command {
    static let name = "graph"
    static let summary = "Print a graph of the entries, for Mermaid or Graphviz, or as a picture."
    static let discussion = """
        An arrow leads from an entry to an entry that it calls, reads or publishes to, and from a queue to its consumer.
        A line without a head joins an entry with those that belong to it. 'graph --format svg > graph.svg' draws the
        picture.
        """

    private static let formats = ["mermaid", "dot", "svg", "json"]

    private let application: Application
    private let format: String

    init(from options: inout OptionReader) {
        application = options.application()
        format = options.word(
            "format", valueName: "format", among: Self.formats, default: "mermaid",
            "\(Self.formats.joined(separator: ", ")).")
    }

    func run() throws -> Int32 {
        let checked = application.read()
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
