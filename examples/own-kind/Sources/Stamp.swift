import Wippy

/// `stamp`: adds the header `X-Stamp` to answers.
struct Stamp: Middleware {
    static let name: ExactText = "stamp"

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

    private let options: Options

    init(_ options: Options) {
        self.options = options
    }

    func complete(_ response: inout HTTPResponse, to request: HTTPRequest) {
        guard response.status.code < 400 || options.stampsErrors.isOn else { return }
        try? response.fields.set("X-Stamp", options.text)
    }
}
