import EventLoops
import Synchronization
import Testing
import Wippy
import WippyRunningApplication
import WippyTestClient
import WippyTesting

/// Scripts in a whole application: answers in parts, changes while it runs, scripts that run away.
@Suite("Applications with scripts", .timeLimit(.minutes(15)))
struct LuaApplicationTests {
    private static let server = """
        namespace: app
        entries:
          - {name: server, kind: http.service, addr: "127.0.0.1:0", lifecycle: {auto_start: true}}
          - {name: router, kind: http.router, meta: {server: server}}
        """

    /// A function, and an endpoint at its name.
    private static func endpoint(_ name: String, _ script: String, _ fields: String = "") -> String {
        let lines = script.split(separator: "\n", omittingEmptySubsequences: false).map { "          \($0)" }
        return """

              - name: \(name)
                kind: function.lua
                modules: [http, queue, funcs]
                \(fields.isEmpty ? "method: main" : fields)
                source: |
            \(lines.joined(separator: "\n"))
              - {name: \(name).e, kind: http.endpoint, meta: {router: router}, method: GET, path: "/\(name)", func: \(name)}
            """
    }

    @Test("Parts of an answer go out while the script waits, and end it when the client goes")
    func sendsParts() async throws {
        let events = """
            return function()
                local res = http.response()
                local err = res:write_event({name = "first", data = {n = 1}})
                if err then error(err) end
                funcs.call("app:gate")
                err = res:write_event({name = "second", data = "x"})
                if err then error(err) end
            end
            """
        let project =
            Self.server + Self.endpoint("events", events) + """

                  - {name: gate, kind: function.swift, handler: Gate}
                """
        let application = try RunningApplication(project, [Gate.self])
        try await eventually("it listens") { application.port != nil }
        let port = try #require(application.port)
        let client = try await onThread { try TestClient(to: SocketAddress(parsing: "127.0.0.1:\(port)")) }
        let beginning = try await onThread {
            try client.send("GET /events HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            return try client.receiveText(upTo: "\n\n")
        }
        #expect(beginning?.contains("text/event-stream") == true)
        #expect(beginning?.contains("event: first\ndata: {\"n\":1}") == true)
        Gate.open()
        let rest = try await onThread { try client.receiveTextToEnd() }
        #expect(rest.contains("event: second\ndata: \"x\"\n\n"))
        try await application.stop()
    }

    @Test("A script that reads a body that its client cut off gets the error that says so, and answers the client")
    func cutBody() async throws {
        let project =
            Self.server
            + Self.endpoint(
                "says",
                """
                return function()
                    local body, err = http.request():body()
                    http.response():set_status(422)
                    http.response():write_json({tostring(body), err:message()})
                end
                """)
            + Self.endpoint(
                "streams",
                """
                return function()
                    local stream, pieces = http.request():stream(), {}
                    local piece, err = stream:read()
                    while piece do
                        pieces[#pieces + 1] = piece
                        piece, err = stream:read()
                    end
                    http.response():set_status(422)
                    http.response():write_json({table.concat(pieces), err:message()})
                end
                """)
            + Self.endpoint(
                "passes",
                """
                return function()
                    local body, err = http.request():body()
                    if err then return nil, errors.wrap(err, 'no body') end
                end
                """)
        let application = try RunningApplication(project, [])
        try await eventually("it listens") { application.port != nil }
        let port = try #require(application.port)
        let answers = [
            ("says", 422, #"["nil","the request is incomplete"]"#),
            ("streams", 422, #"["abc","the request is incomplete"]"#),
            ("passes", 400, #"{"error":"the request is incomplete"}"#),
        ]
        for (path, status, body) in answers {
            let answer = try await onThread {
                let client = try TestClient(to: SocketAddress(parsing: "127.0.0.1:\(port)"))
                try client.send("GET /\(path) HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc")
                client.finishSending()
                return try client.response()
            }
            #expect(answer?.status == status && answer?.body == body)
        }
        try await application.stop()
    }

    @Test("A script that is changed, and one whose library is, answer next; a script with an error changes nothing")
    func changes() async throws {
        let project =
            Self.server
            + Self.endpoint(
                "hello", "return function() http.response():write_json({text = require('words').text}) end",
                "imports: {words: app:words}")
        let library = { (text: String) in
            """

              - {name: words, kind: library.lua, source: "return {text = '\(text)'}"}
            """
        }
        let application = try RunningApplication(project + library("one"), [])
        #expect(try await application.get("/hello").body == #"{"text":"one"}"#)
        try await application.reload(project + library("two"))
        #expect(try await application.get("/hello").body == #"{"text":"two"}"#)
        let script = (project + library("two")).replacing("write_json({text", with: "write_json({words")
        try await application.reload(script)
        #expect(try await application.get("/hello").body == #"{"words":"two"}"#)
        let broken = try await application.change(project + library("two' .. "))
        if case .invalid = broken {} else { Issue.record("a broken script was taken: \(broken)") }
        #expect(try await application.get("/hello").body == #"{"words":"two"}"#)
        try await application.stop()
    }

    @Test(
        "What a script publishes during a stop is handled: the queue's consumer stops after whoever calls it"
    )
    func handlesLastWords() async throws {
        let project = """
            namespace: app
            entries:
              - {name: driver, kind: queue.driver.memory, lifecycle: {auto_start: true}}
              - {name: words, kind: queue.queue, driver: driver}
              - {name: host, kind: process.host, lifecycle: {auto_start: true}}
              - name: say
                kind: function.lua
                modules: [queue]
                source: "return function(word) return queue.publish('app:words', word) end"
              - {name: speaker, kind: process.swift, handler: LastWord, uses: {say: say}}
              - name: service
                kind: process.service
                process: speaker
                host: host
                lifecycle: {auto_start: true}
              - name: hear
                kind: function.lua
                modules: [logger]
                source: "return function(word) logger:info('heard', {word = word}) end"
              - {name: consumer, kind: queue.consumer, queue: words, func: hear, lifecycle: {auto_start: true}}
            """
        let application = try RunningApplication(project, [LastWord.self])
        try await eventually("it has started") { application.messages.contains("started") }
        try await application.stop()
        #expect(application.log.records.first { $0.message == "heard" }?.metadata["word"] == "goodbye")
    }

    @Test("A script that a stop interrupts has not failed, also if it raises or returns the error of its wait")
    func stopsInWaits() async throws {
        let project = """
            namespace: app
            entries:
              - {name: host, kind: process.host, lifecycle: {auto_start: true}}
              - {name: driver, kind: queue.driver.memory, lifecycle: {auto_start: true}}
              - {name: words, kind: queue.queue, driver: driver}
            """
        let ends: KeyValuePairs = [
            "raises": "local _, err = queue.publish('app:words', 1) if err then error(err) end",
            "returns": "local _, err = queue.publish('app:words', 1) if err then return nil, err end",
        ]
        let processes = ends.map { name, end in
            """

              - name: \(name)
                kind: process.lua
                modules: [queue, time]
                source: "return function() while true do require('time').sleep('1h') local queue = require('queue') \(end) end end"
              - name: \(name).service
                kind: process.service
                process: \(name)
                host: host
                lifecycle: {auto_start: true}
            """
        }
        let application = try RunningApplication(project + processes.joined(), [])
        try await eventually("it has started") { application.messages.contains("started") }
        try await application.stop()
        #expect(application.log.records.filter { $0.level >= .warning }.map { "\($0.message) \($0.metadata)" } == [])
    }

    @Test("A script that runs away fails its own request, and a neighbour on the same loop answers meanwhile")
    func containsRunaways() async throws {
        let scripts: KeyValuePairs = [
            "loop": "while true do end",
            "caught": "while true do pcall(function() while true do end end) end",
            "memory": "local s = 'x' while true do s = s .. s end",
            "tables": "local t = {} while true do t[#t + 1] = {} end",
            "deep": "local function f() return 1 + f() end f()",
            "repeat": "local s = string.rep('x', 1 << 40)",
            "pattern": "string.find(string.rep('a', 20000), string.rep('a*', 30) .. 'b')",
        ]
        var project = Self.server + Self.endpoint("quick", "return function() http.response():write_json({}) end")
        for (name, body) in scripts {
            project += Self.endpoint(name, "return function() \(body) end", "limits: {run: 300ms, memory: 16MiB}")
        }
        let application = try RunningApplication(project, [])
        #expect(try await application.get("/quick").status == 200)
        let clock = ContinuousClock()
        for (name, _) in scripts {
            let hasEnded = Flag()
            let runaway = Task {
                defer { hasEnded.raise() }
                return try await application.get("/\(name)")
            }
            // From a thread of its own, since in the pool of all tests who asks would wait for others.
            let times = try await Task(executorPreference: OneThread()) { () async throws in
                var times: [Duration] = []
                while times.isEmpty || !hasEnded.isRaised {
                    let start = clock.now
                    let status = try await application.get("/quick").status
                    #expect(status == 200)
                    times.append(start.duration(to: clock.now))
                }
                return times.sorted()
            }.value
            #expect(try await runaway.value.status == 500, "\(name)")
            let slow = times[times.count * 99 / 100]
            #expect(slow < .seconds(20), "\(name): \(slow)")
        }
        try await application.stop()
    }
}

/// Says that something has happened.
private final class Flag: Sendable {
    private let state = Atomic(false)

    var isRaised: Bool { state.load(ordering: .acquiring) }

    func raise() { state.store(true, ordering: .releasing) }
}

/// Lets a call through when it is opened.
private struct Gate: FunctionHandler {
    private static let opened = OneShotEvent()

    static func open() { opened.fire() }

    init(_ context: HandlerContext) {}

    func call(_ input: Value) async -> Value {
        await Self.opened.wait()
        return .null
    }
}

/// Says something when it is told to end.
private struct LastWord: ProcessHandler {
    private let say: LinkedFunction

    init(_ context: HandlerContext) throws {
        say = try context.function("say")
    }

    func run(_ process: ProcessContext) async throws -> Int {
        _ = await process.nextEvent()
        _ = try await say.call("goodbye")
        return 0
    }
}
