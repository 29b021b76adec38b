import Wippy

/// `stamp`: adds the header `X-Stamp` to each answer.
struct Stamp: Middleware {
    static let name: ExactText = "stamp"

    struct Options: EntryConfig {
        let text: String

        init(from fields: inout FieldReader) {
            text = fields.optional("stamp.text", default: "seen", "The value of the header X-Stamp in each answer.")
        }
    }

    private let text: String

    init(_ options: Options) {
        text = options.text
    }

    func complete(_ response: inout HTTPResponse, to request: HTTPRequest) {
        try? response.fields.set("X-Stamp", text)
    }
}
