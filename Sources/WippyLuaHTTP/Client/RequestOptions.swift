import WippyDefinition
import WippyText

/// The options of a request that a script sends to a server.
///
/// `body` and `files` are only declared here. They have bytes, which no field takes, so they are read from the script's
/// table itself.
struct RequestOptions: Sendable {
    typealias Texts = [(name: String, value: String)]

    /// The longest time until the whole answer has arrived.
    ///
    /// If the script reads the content itself, the longest time until the head has arrived.
    let timeout: Duration

    /// The largest content of the answer, in bytes.
    let maxContentBytes: Int

    /// True if the script reads the content itself.
    let isStreamed: Bool

    let headers: Texts
    let query: Texts
    let cookies: Texts
    let form: Texts

    /// The name and the password of the user, with a colon between them; nil for a request without a user.
    let userAndPassword: String?

    private static let streamField = "stream"
    private static let formField = "form"

    /// The option with the content of a request, which has bytes.
    static let bodyField = "body"

    /// The option with the files of a form, which have bytes.
    static let filesField = "files"

    /// The option with the largest content of an answer.
    static let maxContentField = "max_response_body"

    init(from fields: inout FieldReader) {
        let timeoutDefault = Duration.seconds(30)
        let timeout = fields.optional(
            "timeout", default: CountedDuration<Seconds>(timeoutDefault), in: CountedDuration.range(.zeroToDay),
            "The longest time for the whole answer; with '\(Self.streamField)', for its head. 0 means the default."
        ).duration
        self.timeout = timeout > .zero ? timeout : timeoutDefault
        let contentDefault = ByteCount.mebibytes(10)
        let content = fields.optional(
            Self.maxContentField, default: contentDefault, in: ByteCount.all,
            "The largest content of the answer. 0 means the default.")
        maxContentBytes = content.bytes > 0 ? content.bytes : contentDefault.bytes
        isStreamed = fields.custom(
            Self.streamField, form: .flag, default: false, written: "false",
            "Whether the answer has a `stream`, which the script reads, instead of a `body`."
        ) { node, _ throws(FieldProblem) in
            // A table with settings of the stream asks for one, too.
            node.scalar == nil ? true : try Bool(reading: node)
        }
        headers = Self.texts("headers", "The fields of the request.", from: &fields)
        query = Self.texts("query", "The names and values to add to the query of the address.", from: &fields)
        cookies = Self.texts("cookies", "The cookies to send.", from: &fields)
        form = Self.texts(Self.formField, "The names and values of a form to send as the body.", from: &fields)
        let user: ScriptText? = fields.optional("auth.user", "The name of the user.")
        let password: ScriptText? = fields.optional("auth.pass", "The password of the user.")
        userAndPassword = user == nil && password == nil ? nil : "\(user?.text ?? ""):\(password?.text ?? "")"
        for (name, form, help) in Self.withBytes {
            _ = fields.custom(name, form: form, default: false, help) { _, _ in true }
        }
        for name in ["tls", "unix_socket", "overlay_network"] {
            fields.refused(name, because: "the client speaks plain HTTP over TCP")
        }
    }

    /// The options of a request without a table of options.
    static let standard: RequestOptions = {
        var fields = FieldReader(describingIn: "")
        return RequestOptions(from: &fields)
    }()

    /// The names of the options that have bytes.
    static var namesWithBytes: [String] { withBytes.map(\.name) }

    private static let withBytes: [(name: String, form: FieldForm, help: String)] = [
        (bodyField, .text, "The content of the request. With '\(formField)' or '\(filesField)' it has no effect."),
        (
            filesField, .maps(shortFor: nil),
            "The files of a form, each with its `name` and `content`, and with `filename` and `content_type` if they "
                + "are known."
        ),
    ]

    /// Reads a map of texts, and returns them in order of name.
    private static func texts(_ path: String, _ help: String, from fields: inout FieldReader) -> Texts {
        let texts: [ExactText: ScriptText] = fields.optional(path, default: [:], help)
        return texts.sorted { $0.key < $1.key }.map { ($0.key.string, $0.value.text) }
    }
}

/// A text, or a number or truth value that counts as one.
private struct ScriptText: FieldValue {
    let text: String

    static var form: FieldForm { .text }
    static var substitute: ScriptText { ScriptText(text: "") }

    var written: String { text.written }

    init(text: String) {
        self.text = text
    }

    init(reading node: Node) throws(FieldProblem) {
        guard let scalar = node.scalar else { throw .expected(Self.form, got: node) }
        text = scalar.text
    }
}
