import Wippy

/// The handler of the page on settings from outside.
struct SendMail: FunctionHandler {
    struct Config: EntryConfig {
        let password: Secret

        init(from fields: inout FieldReader) {
            password = fields.required("password", "The password of the mail server.")
        }
    }

    private let server: String
    private let password: Secret

    init(_ context: HandlerContext) throws {
        server = try context.variable("app:smtp_url")
        password = try context.config(Config.self).password
    }

    func call(_ recipient: String) -> Bool { !server.isEmpty && !password.text.isEmpty && !recipient.isEmpty }
}
