import WippyDefinition
import WippyText

/// A server, as a kind would read it.
struct ServerConfig: EntryConfig {
    let address: SampleAddress
    let headerTimeout: Duration
    let bodyLimit: ByteCount
    let allowed: [String]
    let labels: [ExactText: Int]

    init(from fields: inout FieldReader) {
        address = fields.required("addr", "The address to listen on.")
        headerTimeout = fields.optional(
            "timeouts.header", default: .seconds(10), in: .milliseconds(1)...(.seconds(3600)), "The time for a head.")
        bodyLimit = fields.optional("limits.body", default: .mebibytes(10), "The largest body.")
        allowed = fields.optional("allowed", default: ["GET"], "The methods answered.")
        labels = fields.optional("labels", default: [:], "Numbers by their names.")
        fields.ignored("options", because: "no option is known")
    }
}

/// Where a server listens.
struct SampleAddress: FieldValue {
    static var form: FieldForm { .pattern(":", words: "host:port or :port") }
    static var substitute: SampleAddress { SampleAddress(written: "") }

    let written: String

    private init(written: String) {
        self.written = written
    }

    init(reading node: Node) throws(FieldProblem) {
        guard let text = node.scalar?.text, text.utf8.contains(UInt8(ascii: ":")) else {
            throw .expected(Self.form, got: node)
        }
        written = text
    }
}

extension Contract where Offered == any Queue {
    static var queue: Self { Contract("a queue") }
}

/// What a queue offers.
protocol Queue: Sendable {}

/// A consumer, as a kind would read it.
struct ConsumerConfig: EntryConfig {
    enum Mode: String, FieldChoice {
        case ordered, parallel
        static var substitute: Mode { .ordered }
    }

    let queue: Reference<any Queue>
    let router: Attachment<any Queue>?
    let concurrency: Int
    let isEnabled: Bool
    let mode: Mode
    let uses: [ExactText: EntryID]

    init(from fields: inout FieldReader) {
        queue = fields.reference("queue", .queue, "The queue to take messages from.")
        router = fields.attachment("meta.router", .queue, "The router that it belongs to.")
        concurrency = fields.optional("concurrency", default: 1, in: 1...1000, "Messages handled at once.")
        isEnabled = fields.optional("enabled", default: true, "Whether it runs.")
        mode = fields.optional("mode", default: .ordered, "How messages are handled.")
        uses = fields.namedReferences("uses", "What it reaches by short names.")
    }
}

/// Decodes a set's entries with the sample kinds; other kinds hold anything.
func decode(_ definitions: DefinitionSet, isLenient: Bool, report: inout Report) {
    for entry in definitions.entries {
        var fields = FieldReader(entry, isLenient: isLenient)
        switch entry.kind {
        case "sample.server": _ = ServerConfig(from: &fields)
        case "sample.consumer": _ = ConsumerConfig(from: &fields)
        default: continue
        }
        report.add(fields.finish())
    }
}
