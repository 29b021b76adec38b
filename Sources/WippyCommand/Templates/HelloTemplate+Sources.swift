// Written by 'make docs' from the application itself: examples/hello/Sources and what belongs to it.

extension ProjectTemplate {
    static let helloSources = [
        File(
            path: "src/_index.yaml",
            text: ##"""
                # yaml-language-server: $schema=../schema.json
                version: "1.0"
                namespace: app

                entries:
                  - name: gateway
                    kind: http.service
                    addr: ":8080"
                    health:
                      live: /livez
                      ready: /readyz
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
                    static let handlers: [any Handler.Type] = [Greet.self]

                    static func main() async {
                        await Application.main(handlers: handlers)
                    }
                }

                """##),
        File(
            path: "Tests/{{MODULE}}Tests/GreetTests.swift",
            text: ##"""
                import Testing
                import Wippy
                import WippyTesting

                @testable import {{MODULE}}

                @Suite("Greetings")
                struct GreetTests {
                    @Test("Whom the path names is greeted, in the words of the entry", arguments: ["Hello", "Good day"])
                    func greeting(words: String) async throws {
                        let overrides: KeyValuePairs = ["app:greet:config.greeting": words]
                        try await TestApplication(handlers: {{MODULE}}.handlers, overrides: overrides) { app in
                            let answer = try await app.get("/hello/Ann")
                            #expect(answer.status == 200)
                            #expect(try answer.json() == ["text": .string("\(words), Ann")])
                        }
                    }
                }

                """##),
    ]
}
