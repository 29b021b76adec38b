import Wippy

/// `stamp`: adds the header `X-Stamp` to answers.
struct Stamp: Middleware {
    static let name: ExactText = "stamp"
    static let metrics = [stamped.description]

    struct Options: EntryConfig {
        let text: String
        let stampsErrors: OptionFlag

        init(from fields: inout FieldReader) {
            text = fields.optional("stamp.text", default: "seen", "The value of the header X-Stamp.")
            // An option of a router can be a text, so a flag is one of the type `OptionFlag`.
            stampsErrors = fields.optional(
                "stamp.errors", default: OptionFlag(isOn: true), "True if errors have the header too.")
        }
    }

    static let stamped = Metric<Counter>(
        "stamp.answers", of: "a router", unit: "answers", "Answers that got the header X-Stamp.")

    private let options: Options
    private let stamped: Counter

    init(_ options: Options, with context: MiddlewareContext) {
        self.options = options
        stamped = context.metrics.counter(Self.stamped, of: context.id)
    }

    func complete(_ response: inout HTTPResponse, to request: HTTPRequest) {
        guard response.status.code < 400 || options.stampsErrors.isOn else { return }
        try? response.fields.set("X-Stamp", options.text)
        stamped.add()
    }
}
