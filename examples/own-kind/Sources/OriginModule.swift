import Wippy

extension ScriptModule {
    /// `origin`: the request or the message for which a script runs.
    ///
    /// In a script, `origin.text()` returns a text such as `GET /slug` or `message 7`.
    static let origin = ScriptModule(
        "origin",
        [
            .function("text") { stack in
                let call = try stack.call
                if let request = call.exchange?.request {
                    return stack.succeed("\(request.method) \(request.head.path)")
                }
                if let delivery = call.delivery { return stack.succeed("message \(delivery.message.id)") }
                return stack.fail(.notFound("the script runs for no request and no message"))
            }
        ])
}
