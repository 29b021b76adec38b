// Written by 'make docs' from the applications themselves: examples/hello/Sources, examples/lua-hello and what belongs to them.

import WippyCommandLine

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

                /// `GET /hello/{name}`: greets the person with the name in the path.
                struct Greet: HTTPHandler {
                    struct Config: EntryConfig {
                        let greeting: String

                        init(from fields: inout FieldReader) {
                            greeting = fields.optional("greeting", default: "Hello", "The greeting.")
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

    static let helloScripts = [
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
                    kind: function.lua
                    source: file://greet.lua
                    modules: [http]
                    imports:
                      words: app:words

                  - name: words
                    kind: library.lua
                    source: file://words.lua

                  - name: greet.endpoint
                    kind: http.endpoint
                    meta:
                      router: app:router
                    method: GET
                    path: /hello/{name}
                    func: app:greet

                """##),
        File(
            path: "src/tests/_index.yaml",
            text: ##"""
                # yaml-language-server: $schema=../../schema.json
                version: "1.0"
                namespace: app.tests

                entries:
                  # 'wippy-swift test' runs it beside the application.
                  - name: run
                    kind: process.lua
                    meta:
                      command:
                        name: test
                        short: Run every test
                        use_case: test
                    source: file://run.lua
                    modules: [io]
                    imports:
                      words: app:words

                  - name: terminal
                    kind: terminal.host
                    lifecycle:
                      auto_start: true

                """##),
        File(
            path: "src/greet.lua",
            text: ##"""
                local http = require("http")
                local words = require("words")

                -- Types are for readers. Nothing checks them, and they cost nothing.
                local function greet(): (boolean?, error?)
                    local request, err = http.request()
                    if err then
                        return nil, err
                    end
                    local name: string = request:param("name")
                    local language: string = request:query("language") or "en"

                    local greeting = words.greeting(language)
                    local response = http.response()
                    if not greeting then
                        response:set_status(http.STATUS.NOT_FOUND)
                        response:write_json({error = "no greeting in this language"})
                        return
                    end
                    response:write_json({text = greeting .. ", " .. name})
                end

                return greet

                """##),
        File(
            path: "src/tests/run.lua",
            text: ##"""
                local io = require("io")
                local words = require("words")

                -- Each test has a name and a function, which raises an error if the test fails.
                local tests = {
                    {"the default language is English", function()
                        assert(words.greeting("en") == "Hello")
                    end},
                    {"an unknown language has no greeting", function()
                        assert(words.greeting("tlh") == nil)
                    end},
                }

                -- Returns the number of failed tests, which becomes the exit status.
                local function main(): integer
                    local failures = 0
                    for _, test in ipairs(tests) do
                        local sentence, run = test[1], test[2]
                        local passed, reason = pcall(run)
                        if passed then
                            io.print("passed", sentence)
                        else
                            failures = failures + 1
                            io.print("FAILED", sentence, reason)
                        end
                    end
                    io.print(#tests - failures .. " passed, " .. failures .. " failed")
                    return failures
                end

                return {main = main}

                """##),
        File(
            path: "src/words.lua",
            text: ##"""
                local greetings: {[string]: string} = {en = "Hello", de = "Guten Tag", fr = "Bonjour"}

                local words = {}

                function words.greeting(language: string): string?
                    return greetings[language]
                end

                return words

                """##),
    ]
}
