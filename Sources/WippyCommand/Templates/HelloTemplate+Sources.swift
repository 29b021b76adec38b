// Written by 'make docs' from the application itself: examples/hello/Sources and what belongs to it.

extension ProjectTemplate {
    static let helloSources = [
        File(
            path: "src/_index.yaml",
            text: ##"""
                version: "1.0"
                namespace: app

                entries:
                  - name: gateway
                    kind: http.service
                    addr: ":8080"
                    lifecycle:
                      auto_start: true

                  - name: router
                    kind: http.router
                    meta:
                      server: app:gateway

                  - name: greet
                    kind: function.swift
                    handler: Greet
                    config:
                      greeting: Hello

                  - name: greet.endpoint
                    kind: http.endpoint
                    meta:
                      router: app:router
                    method: GET
                    path: /hello/{name}
                    func: app:greet

                """##),
        File(
            path: "Sources/{{MODULE}}/Greet.swift",
            text: ##"""
                import Wippy

                /// `GET /hello/{name}`: greets whom the path names.
                struct Greet: HTTPHandler {
                    struct Config: EntryConfig {
                        let greeting: String

                        init(from fields: inout FieldReader) {
                            greeting = fields.optional("greeting", default: "Hello", "What is said first.")
                        }
                    }

                    private let greeting: String

                    init(_ context: HandlerContext) throws {
                        greeting = try context.config(Config.self).greeting
                    }

                    func handle(_ request: HTTPRequest) async throws -> HTTPResponse {
                        let name = request.parameter("name") ?? "world"
                        return try .json(["text": .string("\(greeting), \(name)")])
                    }
                }

                """##),
        File(
            path: "Sources/{{MODULE}}/{{MODULE}}.swift",
            text: ##"""
                import Wippy
                import WippyCommand

                @main
                struct {{MODULE}} {
                    static func main() async {
                        await Application.main(handlers: [Greet.self])
                    }
                }

                """##),
    ]
}
