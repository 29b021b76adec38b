import Synchronization
import Testing
import Wippy
import WippyRunningApplication
import WippyTestClient
import WippyTesting

/// That a reload keeps the instances of middleware whose options stay the same.
@Suite("Middleware in a reload", .timeLimit(.minutes(15)))
struct KeptMiddlewareTests {
    /// A project whose parts the tests change.
    private struct Project {
        var middleware = "counting, tag"
        var postMiddleware = ""
        var options = "counting.word: one, counting.func: say, tag.text: old"
        var postOptions = ""
        var prefix = "/"
        var word = "old"
        var more = ""

        var index: String {
            """
            namespace: app
            entries:
              - {name: gateway, kind: http.service, addr: "127.0.0.1:0", lifecycle: {auto_start: true}}
              - name: router
                kind: http.router
                meta: {server: gateway}
                prefix: \(prefix)
                middleware: [\(middleware)]
                options: {\(options)}
                post_middleware: [\(postMiddleware)]
                post_options: {\(postOptions)}
              - {name: say, kind: function.swift, handler: Say, config: {word: \(word)}}
              - {name: held, kind: function.swift, handler: Held}
              - {name: get, kind: http.endpoint, meta: {router: router}, method: GET, path: "/{key}", func: held}
            \(more)

            """
        }
    }

    private static let endpoint =
        "  - {name: put, kind: http.endpoint, meta: {router: router}, method: PUT, path: /more, func: held}"

    private static func withApplication(
        _ project: Project, _ body: (RunningApplication) async throws -> Void
    ) async throws {
        let kinds: [any ProgramPart] = .standard(middleware: [Counting.self, Tag.self])
        let application = try RunningApplication(project.index, [Held.self, Say.self], kinds: kinds)
        try await body(application)
        try await application.stop()
    }

    /// The number of requests that the instance of `counting` has had, with this one.
    private static func count(_ application: RunningApplication, _ path: String = "/fine") async throws -> Int? {
        try await application.get(path).field("X-Count").flatMap { Int($0) }
    }

    @Test("An instance goes on when an endpoint is added or removed, and when the prefix changes")
    func endpoints() async throws {
        var project = Project()
        try await Self.withApplication(project) { application in
            #expect(try await Self.count(application) == 1)
            project.more = Self.endpoint
            try await application.reload(project.index)
            #expect(try await application.send("PUT", "/more").field("X-Count") == "2")
            #expect(try await Self.count(application) == 3)
            project.prefix = "/below"
            try await application.reload(project.index)
            #expect(try await Self.count(application, "/below/fine") == 4)
            project.more = ""
            try await application.reload(project.index)
            #expect(try await Self.count(application, "/below/fine") == 5)
        }
    }

    @Test("An instance goes on when another middleware changes, comes, goes or changes places with it")
    func others() async throws {
        var project = Project()
        try await Self.withApplication(project) { application in
            #expect(try await Self.count(application) == 1)
            project.options = "counting.word: one, counting.func: app:say, tag.text: new"
            try await application.reload(project.index)
            let answer = try await application.get("/fine")
            #expect(answer.field("X-Count") == "2" && answer.field("X-Tag") == "new")
            for (index, list) in ["tag, counting", "cors, tag, counting", "counting"].enumerated() {
                project.middleware = list
                if !list.contains("tag") { project.options = "counting.word: one, counting.func: say" }
                try await application.reload(project.index)
                #expect(try await Self.count(application) == index + 3, "\(list)")
            }
        }
    }

    @Test("An instance is made anew when its own options change, or when another list names it")
    func anew() async throws {
        var project = Project()
        try await Self.withApplication(project) { application in
            #expect(try await Self.count(application) == 1)
            #expect(try await Self.count(application) == 2)
            project.options = "counting.word: two, counting.func: say, tag.text: old"
            try await application.reload(project.index)
            #expect(try await Self.count(application) == 1)
            (project.middleware, project.options) = ("tag", "tag.text: old")
            (project.postMiddleware, project.postOptions) = ("counting", "counting.word: two, counting.func: say")
            try await application.reload(project.index)
            #expect(try await Self.count(application) == 1)
            project.more = Self.endpoint
            try await application.reload(project.index)
            #expect(try await Self.count(application) == 2)
            (project.postMiddleware, project.postOptions) = ("", "")
            try await application.reload(project.index)
            #expect(try await Self.count(application) == nil)
            (project.postMiddleware, project.postOptions) = ("counting", "counting.word: two, counting.func: say")
            try await application.reload(project.index)
            #expect(try await Self.count(application) == 1)
        }
    }

    @Test("Another spelling of the same letters in an option is another option")
    func spellings() async throws {
        var project = Project()
        project.options = "counting.word: caf\u{E9}, counting.func: say, tag.text: old"
        try await Self.withApplication(project) { application in
            #expect(try await Self.count(application) == 1)
            project.options = "counting.word: cafe\u{301}, counting.func: say, tag.text: old"
            try await application.reload(project.index)
            #expect(try await Self.count(application) == 1)
        }
    }

    @Test("The links of an instance that goes on lead to what the reload has built anew")
    func links() async throws {
        var project = Project()
        try await Self.withApplication(project) { application in
            #expect(try await application.get("/fine").field("X-Word") == "old")
            for word in ["new", "newer"] {
                (project.word, project.more) = (word, word == "new" ? Self.endpoint : "")
                try await application.reload(project.index)
                #expect(try await application.get("/fine").field("X-Word") == word)
            }
            #expect(try await Self.count(application) == 4)
            // A plan that is taken back takes the links back, too.
            let port = try #require(application.port)
            project.word = "never"
            project.more = """
                \(Self.endpoint)
                  - {name: second, kind: http.service, addr: "127.0.0.1:\(port)", lifecycle: {auto_start: true}}
                """
            guard case .changed(let change) = try await application.change(project.index),
                case .takenBack = change.outcome
            else {
                Issue.record("the plan was not taken back")
                return
            }
            let answer = try await application.get("/fine")
            #expect(answer.field("X-Word") == "newer" && answer.field("X-Count") == "5")
        }
    }

    @Test(
        "A request under way has its state in the answer that the server makes after a reload, if its instance goes on",
        arguments: [true, false])
    func states(goesOn: Bool) async throws {
        var project = Project()
        try await Self.withApplication(project) { application in
            // The server cannot send such an answer. So its own answer passes the middleware that is in force then.
            let path = "/interim-\(goesOn)"
            async let answer = application.get(path)
            try await eventually("the request is held") { Held.held.withLock { $0.contains(path) } }
            project.more = Self.endpoint
            let word = goesOn ? "one" : "two"
            project.options = "counting.word: \(word), counting.func: say, tag.text: new"
            try await application.reload(project.index)
            Held.released.withLock { _ = $0.insert(path) }
            let received = try await answer
            #expect(received.status == 500)
            #expect(received.field("X-Tag") == "new")
            #expect(received.field("X-State") == (goesOn ? path : "nothing"))
        }
    }
}

/// Says a word.
private struct Say: FunctionHandler {
    struct Config: EntryConfig {
        let word: String

        init(from fields: inout FieldReader) {
            word = fields.required("word", "What is said.")
        }
    }

    private let word: String

    init(_ context: HandlerContext) throws {
        word = try context.config(Config.self).word
    }

    func call(_ input: Value) -> String { word }
}

/// Answers, or holds a request until a test lets it go.
private struct Held: HTTPHandler {
    static let held = Mutex<Set<String>>([])
    static let released = Mutex<Set<String>>([])

    init(_ context: HandlerContext) {}

    func handle(_ request: HTTPRequest) async throws -> HTTPResponse {
        let path = request.head.path
        guard path.hasPrefix("/interim") else { return .text("fine") }
        Self.held.withLock { _ = $0.insert(path) }
        try await eventually("the test lets it go") { Self.released.withLock { $0.contains(path) } }
        return HTTPResponse(status: HTTPStatus(code: 103) ?? .ok)
    }
}

/// Counts the requests, keeps the path of each, and asks a function for a word.
private final class Counting: Middleware {
    static let name: ExactText = "counting"

    struct Options: EntryConfig {
        let word: String
        let function: Reference<any Function>

        init(from fields: inout FieldReader) {
            word = fields.optional("counting.word", default: "", "A word.")
            function = fields.reference("counting.func", .function, "The function that is asked.")
        }
    }

    private let count = Atomic(0)
    private let function: LinkedFunction

    init(_ options: Options, with context: MiddlewareContext) throws {
        function = LinkedFunction(link: try context.resolve(options.function))
    }

    func admit(_ request: inout HTTPRequest, keeping state: inout [String]?) async throws -> HTTPResponse? {
        count.add(1, ordering: .relaxed)
        state = [request.head.path, try await function.call(.null).string ?? ""]
        return nil
    }

    func complete(_ response: inout HTTPResponse, to request: HTTPRequest, with state: [String]?) {
        try? response.fields.set("X-Count", "\(count.load(ordering: .relaxed))")
        try? response.fields.set("X-State", state?.first ?? "nothing")
        try? response.fields.set("X-Word", state?.last ?? "nothing")
    }
}

/// Puts a text into each answer.
private struct Tag: Middleware {
    static let name: ExactText = "tag"

    struct Options: EntryConfig {
        let text: String

        init(from fields: inout FieldReader) {
            text = fields.optional("tag.text", default: "", "The text.")
        }
    }

    private let options: Options

    init(_ options: Options) {
        self.options = options
    }

    func complete(_ response: inout HTTPResponse, to request: HTTPRequest) {
        try? response.fields.set("X-Tag", options.text)
    }
}
