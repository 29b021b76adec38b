import Synchronization
import Testing
import Wippy
import WippyRunningApplication
import WippyTestClient
import WippyTesting

/// Applications inside a program of their own: one call, whose cancellation is a graceful stop.
@Suite("An embedded application", .timeLimit(.minutes(15)))
struct EmbeddedApplicationTests {
    @Test("Cancelling the task of run() is a graceful stop")
    func cancellation() async throws {
        let application = try RunningApplication(Self.http, [Echo.self])
        #expect(try await application.get("/echo/a%20b?x=1").body == "a b")
        try await application.stop()
        #expect(application.messages.contains("stopped"))
    }

    @Test("A handler that throws twice and then succeeds sees attempts 1, 2 and 3, and stores one row")
    func retries() async throws {
        Journal.shared.reset("retry")
        let application = try RunningApplication(Self.queue(handler: "Flaky"), [Publish.self, Flaky.self])
        #expect(try await application.get("/publish/retry").status == 200)
        try await eventually("there were three attempts") { Journal.shared.entries("retry").count >= 3 }
        try await application.stop()
        #expect(Journal.shared.entries("retry") == ["attempt 1", "attempt 2", "attempt 3", "done"])
    }

    @Test("A message that always fails becomes a dead letter after 5 attempts, while others flow")
    func deadLetters() async throws {
        Journal.shared.reset("poison")
        Journal.shared.reset("fine")
        let application = try RunningApplication(
            Self.queue(handler: "Poisoned"), [Publish.self, Poisoned.self, Bury.self])
        #expect(try await application.get("/publish/poison").status == 200)
        #expect(try await application.get("/publish/fine").status == 200)
        try await eventually("it is a dead letter") {
            Journal.shared.entries("poison").contains { $0.hasPrefix("buried") }
        }
        try await application.stop()
        #expect(Journal.shared.entries("poison").filter { $0.hasPrefix("attempt") }.count == 5)
        #expect(Journal.shared.entries("poison").last == "buried after 5 from app:work")
        #expect(Journal.shared.entries("fine") == ["handled"])
    }

    @Test("A process that returns 1 runs again until it returns 0, and until then nothing is let in")
    func processes() async throws {
        Journal.shared.reset("process")
        let application = try RunningApplication(
            Self.http + """
                  - {name: migrate, kind: process.swift, handler: Stubborn}
                  - {name: host, kind: process.host}
                  - name: migration
                    kind: process.service
                    process: migrate
                    host: host
                    lifecycle: {auto_start: true, restart: {initial_delay: 10ms, jitter: 0}}

                """, [Echo.self, Stubborn.self])
        #expect(try await application.get("/echo/x").status == 200)
        #expect(Journal.shared.entries("process") == ["run 1", "run 2", "run 3"])
        try await application.stop()
        #expect(Journal.shared.entries("process").count == 3)
        let order = application.messages
        let finished = try #require(order.firstIndex(of: "finished"))
        let listening = try #require(order.firstIndex(of: "listening"))
        #expect(finished < listening)
    }

    @Test("Routes: parameters, the rest of a path, HEAD, OPTIONS, 404, 405, redirects and middleware on all of them")
    func routes() async throws {
        let application = try RunningApplication(Self.http, [Echo.self])
        let cors = ["Origin: https://example.com"]
        #expect(try await application.get("/colon/7").body == "7")
        #expect(try await application.get("/files/a/b/c").body == "a/b/c")
        #expect(try await application.get("/exact/").status == 200)
        #expect(try await application.get("/exact/more").status == 404)
        #expect(try await application.get("/echo//x").status == 307)
        #expect(try await application.get("/files").field("Location") == "/files/")
        let head = try await application.send("HEAD", "/echo/abc")
        #expect(head.status == 200 && head.body.isEmpty && head.field("Content-Length") == "3")
        let options = try await application.send("OPTIONS", "/echo/abc")
        #expect(options.status == 204 && options.field("Allow") == "GET, HEAD, OPTIONS")
        let wrong = try await application.send("DELETE", "/echo/abc", cors)
        #expect(wrong.status == 405 && wrong.field("Allow") == "GET, HEAD, OPTIONS")
        #expect(wrong.field("Access-Control-Allow-Origin") == "https://example.com")
        let missing = try await application.send("GET", "/none", cors)
        #expect(missing.status == 404 && missing.field("Access-Control-Allow-Origin") == "https://example.com")
        let preflight = try await application.send(
            "OPTIONS", "/echo/abc", cors + ["Access-Control-Request-Method: GET"])
        #expect(preflight.status == 204 && preflight.field("Access-Control-Max-Age") == "60")
        try await application.stop()
    }

    @Test("What goes wrong in a handler stays inside: 500 with a request id, its text in the log")
    func failures() async throws {
        let application = try RunningApplication(Self.http, [Echo.self])
        let answer = try await application.get("/echo/throw")
        #expect(answer.status == 500 && answer.body.contains("request_id") && !answer.body.contains("secret"))
        #expect(try await application.get("/echo/teapot").body == #"{"error":"no"}"#)
        #expect(try await application.get("/slow/x").status == 503)
        #expect(try await application.send("POST", "/small", body: String(repeating: "x", count: 100)).status == 413)
        try await application.stop()
        #expect(application.log.records.contains { "\($0.metadata)".contains("secret") })
        let counts = application.application.metrics.counts
        #expect(counts.contains { $0.key.name == "http.requests" && $0.value == 4 })
    }

    @Test("Routes, handlers, parameters and origins are told apart by their bytes")
    func exactTexts() async throws {
        let index = """
            namespace: app
            entries:
              - {name: server, kind: http.service, addr: "127.0.0.1:0", lifecycle: {auto_start: true}}
              - name: router
                kind: http.router
                meta: {server: server}
                middleware: [cors]
                options: {cors.allow.origins: "https://caf\\u00e9.example,*.K.example"}
              - {name: "caf\\u00e9", kind: function.swift, handler: "caf\\u00e9"}
              - {name: "cafe\\u0301", kind: function.swift, handler: "cafe\\u0301"}
              - name: e1
                kind: http.endpoint
                meta: {router: router}
                method: GET
                path: "/caf\\u00e9"
                func: "caf\\u00e9"
              - name: e2
                kind: http.endpoint
                meta: {router: router}
                method: GET
                path: "/cafe\\u0301"
                func: "cafe\\u0301"

            """
        let handlers: KeyValuePairs<String, any Handler.Type> = [
            "caf\u{e9}": Composed.self, "cafe\u{301}": Decomposed.self,
        ]
        let application = try RunningApplication(index, [], named: handlers)
        let composed = try await application.get("/caf%C3%A9?e%CC%81=2&%C3%A9=1")
        #expect(composed.body == "composed 1")
        #expect(try await application.get("/cafe%CC%81?e%CC%81=2&%C3%A9=1").body == "decomposed 2")
        for (origin, isAllowed) in [
            ("https://caf\u{e9}.example", true), ("https://cafe\u{301}.example", false),
            ("https://a.K.example", true), ("https://a.\u{212a}.example", false),
        ] {
            let answer = try await application.send("GET", "/caf%C3%A9", ["Origin: \(origin)"])
            #expect((answer.field("Access-Control-Allow-Origin") != nil) == isAllowed, "\(origin)")
        }
        try await application.stop()
    }

    @Test("A client's body that a function does not take is 400 with the field, a body that is no JSON with the place")
    func misfits() async throws {
        let index = """
            namespace: app
            entries:
              - {name: server, kind: http.service, addr: "127.0.0.1:0", lifecycle: {auto_start: true}}
              - {name: router, kind: http.router, meta: {server: server}}
              - {name: sum, kind: function.swift, handler: Sum}
              - {name: hand_on, kind: function.swift, handler: HandOn, uses: {sum: sum, work: work}}
              - {name: e, kind: http.endpoint, meta: {router: router}, method: POST, path: "/{how}", func: hand_on}
              - {name: driver, kind: queue.driver.memory}
              - {name: work, kind: queue.queue, driver: driver}

            """
        let application = try RunningApplication(index, [Sum.self, HandOn.self])
        for (path, body, status, answer) in [
            ("/body", #"{"a":18446744073709551614,"b":1}"#, 200, "18446744073709551615"),
            ("/body", #"{"a":1,"b":18446744073709551616}"#, 400, "'b' must be a whole number"),
            ("/body", #"{"a":1,"b":9007199254740993.0}"#, 400, "'b' must be a whole number"),
            ("/body", #"{"a":1,"b":-1}"#, 400, "'b' must be a whole number from 0 through 18446744073709551615"),
            ("/body", #"{"a":1}"#, 400, "'b' is missing"),
            ("/body", "[1]", 400, "the value must be a map, got a list"),
            ("/body", "{\n \"a\": 1,,}", 400, #""line":2,"reason":"expected a key in double quotes""#),
            ("/body", #"{"a":1,"b":13}"#, 400, "the value is not allowed"),
            ("/own", "{}", 500, "internal"), ("/answer", "{}", 500, "internal"),
            ("/publish", "{}", 200, "Invalid: the message's body cannot be encoded: 'number' must be"),
            ("/json", "{}", 200, "Invalid: the answer cannot be encoded: 'number' must be"),
            ("/deep", "{}", 200, "Invalid: the answer cannot be encoded as JSON: lists and maps are nested deeper"),
        ] {
            let found = try await application.send("POST", path, body: body)
            #expect(found.status == status && found.body.contains(answer), "\(path) \(body): \(found)")
        }
        try await application.stop()
    }

    @Test("A Swift handler under the id of a Lua entry serves it, and the log says so")
    func luaEntries() async throws {
        let lua = Self.http.replacingOccurrences(
            "{name: echo, kind: function.swift, handler: Echo}",
            with: "{name: echo, kind: function.lua, source: \"return function() end\", method: main}")
        let application = try RunningApplication(lua, [], named: ["app:echo": Echo.self])
        #expect(try await application.get("/echo/x").body == "x")
        try await application.stop()
        let takeover = application.log.records.first { $0.message == "a Swift handler replaces the Lua code" }
        #expect(takeover?.entry == "app:echo")
    }

    @Test("A handler that asks for what 'uses' does not name stops the build at its entry")
    func unknownAlias() async throws {
        let folder = try TemporaryFolder()
        try folder.write(Self.queue(handler: "Flaky", alias: "worc"), to: "src/_index.yaml")
        let error = await #expect(throws: InvalidProject.self) {
            try await Application(project: folder.path, handlers: [Publish.self, Flaky.self]).run()
        }
        let sentence = "app:publish: 'uses' has no name 'work' for a queue; did you mean 'worc'?"
        let place = try #require(error?.report.diagnostics.first?.location)
        #expect(error?.description.hasPrefix("\(place): error: \(sentence)\n") == true)
        #expect(place.line == 5 && place.column > 12, "\(place)")
    }

    private static let http = """
        namespace: app
        entries:
          - {name: server, kind: http.service, addr: "127.0.0.1:0", lifecycle: {auto_start: true}}
          - name: router
            kind: http.router
            meta: {server: server}
            middleware: [cors]
            options: {cors.max.age: "60"}
          - {name: echo, kind: function.swift, handler: Echo}
          - {name: e1, kind: http.endpoint, meta: {router: router}, method: GET, path: "/echo/{text}", func: echo}
          - {name: e2, kind: http.endpoint, meta: {router: router}, method: GET, path: "/colon/:text", func: echo}
          - {name: e3, kind: http.endpoint, meta: {router: router}, method: GET, path: "/files/{text...}", func: echo}
          - {name: e4, kind: http.endpoint, meta: {router: router}, method: GET, path: "/exact/{$}", func: echo}
          - name: e5
            kind: http.endpoint
            meta: {router: router}
            method: GET
            path: "/slow/{text}"
            func: echo
            timeouts: {handler: 50ms}
          - name: e6
            kind: http.endpoint
            meta: {router: router}
            method: POST
            path: /small
            func: echo
            limits: {body: 10B}

        """

    private static func queue(handler: String, alias: String = "work") -> String {
        """
        namespace: app
        entries:
          - {name: server, kind: http.service, addr: "127.0.0.1:0", lifecycle: {auto_start: true}}
          - {name: router, kind: http.router, meta: {server: server}}
          - {name: publish, kind: function.swift, handler: Publish, uses: {\(alias): work}}
          - {name: e, kind: http.endpoint, meta: {router: router}, method: GET, path: "/publish/{text}", func: publish}
          - {name: driver, kind: queue.driver.memory}
          - name: work
            kind: queue.queue
            driver: driver
            retry: {initial_delay: 1ms, max_delay: 2ms}
            dead_letter: {queue: dead, max_attempts: 5}
          - {name: dead, kind: queue.queue, driver: driver}
          - {name: handle, kind: function.swift, handler: \(handler)}
          - {name: c, kind: queue.consumer, queue: work, func: handle, lifecycle: {auto_start: true}}

        """
            + (handler == "Poisoned"
                ? """
                  - {name: bury, kind: function.swift, handler: Bury}
                  - {name: d, kind: queue.consumer, queue: dead, func: bury, lifecycle: {auto_start: true}}

                """ : "")
    }
}

extension String {
    fileprivate func replacingOccurrences(_ text: String, with other: String) -> String {
        split(separator: text, omittingEmptySubsequences: false).joined(separator: other)
    }
}

/// What handlers of these tests did, by a word that each test has for itself.
private final class Journal: Sendable {
    static let shared = Journal()
    private let written = Mutex<[String: [String]]>([:])

    func reset(_ word: String) { written.withLock { $0[word] = [] } }
    func write(_ entry: String, _ word: String) { written.withLock { $0[word, default: []].append(entry) } }
    func entries(_ word: String) -> [String] { written.withLock { $0[word] ?? [] } }
}

private struct Secret: Error, CustomStringConvertible {
    let description = "a secret"
}

private struct Echo: HTTPHandler {
    init(_ context: HandlerContext) {}

    func handle(_ request: HTTPRequest) async throws -> HTTPResponse {
        if request.method == .post { return .text("\(try await request.body.collect().count)") }
        if request.head.path.hasPrefix("/slow") { try await Task.sleep(for: .seconds(60)) }
        switch request.parameter("text") {
        case "throw": throw Secret()
        case "teapot": throw HTTPError(.conflict, "no")
        case let text: return .text(text ?? "")
        }
    }
}

private struct Sum: FunctionHandler {
    struct Input: Decodable {
        struct Unlucky: Error {}

        enum CodingKeys: String, CodingKey { case a, b }

        let a: UInt64
        let b: UInt64

        init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: CodingKeys.self)
            a = try fields.decode(UInt64.self, forKey: .a)
            b = try fields.decode(UInt64.self, forKey: .b)
            if b == 13 { throw Unlucky() }
        }
    }

    init(_ context: HandlerContext) {}
    func call(_ input: Input) -> UInt64 { input.a + input.b }
}

/// Calls and encodes in each way, and says what was thrown.
private struct HandOn: HTTPHandler {
    struct Large: Encodable {
        var number = UInt128.max
    }

    private let sum: LinkedFunction
    private let queue: Queue

    init(_ context: HandlerContext) throws {
        sum = try context.function("sum")
        queue = try context.queue("work")
    }

    func handle(_ request: HTTPRequest) async throws -> HTTPResponse {
        do {
            switch request.parameter("how") {
            case "own": return .text("\(try await sum.call(encoding: ["a": 1]) as Int)")
            case "answer": return .text(try await sum.call(encoding: ["a": 1, "b": 2]))
            case "publish": try await queue.publish(encoding: Large())
            case "json": return try .json(encoding: Large())
            case "deep": return try .json(encoding: (0..<200).reduce(Value.null) { value, _ in [value] })
            default: return try .json(await sum.call(request.json()))
            }
        } catch let error as WippyError where request.parameter("how") != "body" && error.cause != nil {
            return .text("\(error.kind): \(error)")
        }
        return .text("published")
    }
}

private struct Composed: HTTPHandler {
    init(_ context: HandlerContext) {}
    func handle(_ request: HTTPRequest) -> HTTPResponse { .text("composed \(request.query("\u{e9}") ?? "")") }
}

private struct Decomposed: HTTPHandler {
    init(_ context: HandlerContext) {}
    func handle(_ request: HTTPRequest) -> HTTPResponse { .text("decomposed \(request.query("e\u{301}") ?? "")") }
}

private struct Publish: HTTPHandler {
    private let queue: Queue

    init(_ context: HandlerContext) throws { queue = try context.queue("work") }

    func handle(_ request: HTTPRequest) async throws -> HTTPResponse {
        try await queue.publish(.string(request.parameter("text") ?? ""))
        return .text("published")
    }
}

private struct Flaky: MessageHandler {
    init(_ context: HandlerContext) {}

    func handle(_ word: String, _ delivery: Delivery) throws {
        Journal.shared.write("attempt \(delivery.attempt)", word)
        if delivery.attempt < 3 { throw Secret() }
        Journal.shared.write("done", word)
    }
}

private struct Poisoned: MessageHandler {
    init(_ context: HandlerContext) {}

    func handle(_ word: String, _ delivery: Delivery) throws {
        guard word == "poison" else { return Journal.shared.write("handled", word) }
        Journal.shared.write("attempt \(delivery.attempt)", word)
        throw Secret()
    }
}

private struct Bury: MessageHandler {
    init(_ context: HandlerContext) {}

    func handle(_ word: String, _ delivery: Delivery) {
        let headers = delivery.message.headers
        let attempts = headers["x_attempts"]?.integer ?? 0
        Journal.shared.write("buried after \(attempts) from \(headers["x_original_queue"]?.string ?? "")", word)
    }
}

private struct Stubborn: ProcessHandler {
    init(_ context: HandlerContext) {}

    func run(_ process: ProcessContext) -> Int {
        let run = Journal.shared.entries("process").count + 1
        Journal.shared.write("run \(run)", "process")
        return run < 3 ? 1 : 0
    }
}
