import Synchronization
import Testing
import Wippy
import WippyTesting

@Suite("An application in a test", .timeLimit(.minutes(15)))
struct TestApplicationTests {
    @Test("A retry is due when the clock is advanced, and what failed too often is a dead letter")
    func retries() async throws {
        try await TestApplication(project: .definitions(Self.queue), handlers: [Fails.self]) { app in
            try await app.queue("app:work").publish("a", headers: ["colour": "red"])
            try await app.settled()
            #expect(try await app.queue("app:work").count == MessageCount(ready: 0, delayed: 1, claimed: 0))
            #expect(try app.published("app:dead").isEmpty)
            app.clock.advance(by: .seconds(3600))
            try await app.settled()
            let letter = try #require(try app.published("app:dead").first)
            #expect(letter.body == "a" && letter.headers["colour"] == "red")
            #expect(letter.headers["x_dead_letter_reason"] == "attempt 2")
            #expect(app.log.messages.filter { $0 == "a message handler failed" }.count == 2)
        }
    }

    @Test("A stop does not wait for the next attempt of a message")
    func stopsInTime() async throws {
        let start = ContinuousClock.now
        try await TestApplication(project: .definitions(Self.queue), handlers: [Fails.self]) { app in
            try await app.queue("app:work").publish("a")
        }
        #expect(ContinuousClock.now - start < .seconds(60))
    }

    @Test("What does not settle is said, queue by queue")
    func unsettled() async throws {
        let start = ContinuousClock.now
        let failure = await #expect(throws: TestFailure.self) {
            try await TestApplication(
                project: .definitions(Self.queue), handlers: [], named: ["Fails": Waits.self]
            ) { app in
                try await app.queue("app:work").publish("a")
                try await app.queue("app:work").publish("b")
                try await app.settled(within: .milliseconds(100))
            }
        }
        #expect(failure?.description.contains("app:work holds 1 ready, 1 claimed, 0 delayed") == true)
        // The handler waits for a day by the clock, and the stop does not wait for it.
        #expect(ContinuousClock.now - start < .seconds(60))
    }

    @Test("A project with mistakes is refused with the lines of lint")
    func mistakes() async {
        let failure = await #expect(throws: InvalidProject.self) {
            let index = "namespace: app\nentries: [{name: x, kind: http.servce}]\n"
            try await TestApplication(project: .definitions(index), handlers: []) { _ in }
        }
        #expect(failure?.description.contains("error: app:x: there is no kind 'http.servce'") == true)
    }

    @Test("What a service cannot start with is the error of the test")
    func failedStart() async {
        let failure = await #expect(throws: RequiredServiceFailure.self) {
            let index = """
                namespace: app
                entries: [{name: db, kind: db.sql.sqlite, file: x, lifecycle: {auto_start: true}}]
                """
            try await TestApplication(
                project: .definitions(index), handlers: [], overrides: ["app:db:file": "/proc/none/x.db"]
            ) { _ in }
        }
        #expect(failure?.description.contains("app:db") == true)
    }

    @Test("A test that fails stops the application, and its error is what is thrown")
    func failedTest() async throws {
        struct Mine: Error {}
        let seen = Mutex<TestApplication?>(nil)
        await #expect(throws: Mine.self) {
            try await TestApplication(project: .definitions(Self.servers), handlers: [Answer.self]) { app in
                seen.withLock { $0 = app }
                throw Mine()
            }
        }
        let application = try #require(seen.withLock { $0 })
        #expect(application.log.messages.last == "stopped")
        await #expect(throws: TestFailure.self) { try await application.get("/x", on: "app:one") }
    }

    @Test("Of several servers the call says which, with sockets and without", arguments: [true, false])
    func severalServers(usesSockets: Bool) async throws {
        try await TestApplication(
            project: .definitions(Self.servers), handlers: [Answer.self], usesSockets: usesSockets
        ) { app in
            await #expect(throws: TestFailure.self) { try await app.get("/x") }
            let answer = try await app.put(
                "/x?y=%C3%A9", json: ["a": 1], fields: ["X-Request-Id": "7"], on: "app:two")
            #expect(answer.status == 200 && answer.fields["X-Kind"] == "stream")
            #expect(answer.text == #"PUT é {"a":1} application/json 7"#)
            #expect(try await app.get("/x", on: "app:one").status == 405)
            #expect(try await app.delete("/none", on: "app:one").status == 404)
            #expect(try await app.send(.options, "/x", on: "app:two").fields["Allow"] == "OPTIONS, PUT")
            #expect(try await app.put("/x", json: ["throw": true], on: "app:two").status == 500)
        }
    }

    @Test("Each application has databases of its own; those that share a file go on to")
    func databases() async throws {
        let index = """
            namespace: app
            entries:
              - {name: one, kind: db.sql.sqlite, file: data/a.db, lifecycle: {auto_start: true}}
              - {name: same, kind: db.sql.sqlite, file: data/a.db, lifecycle: {auto_start: true}}
              - {name: other, kind: db.sql.sqlite, file: data/b.db, lifecycle: {auto_start: true}}
              - {name: memory, kind: db.sql.sqlite, file: ":memory:", lifecycle: {auto_start: true}}
            """
        for _ in 1...2 {
            try await TestApplication(project: .definitions(index), handlers: []) { app in
                for name in ["one", "other", "memory"] {
                    try await app.database("app:\(name)").execute(script: "CREATE TABLE t (x)")
                }
                try await app.database("app:one").execute("INSERT INTO t VALUES (1)")
                #expect(try await app.database("app:same").rows("SELECT x FROM t").count == 1)
                #expect(try await app.database("app:other").rows("SELECT x FROM t").isEmpty)
            }
        }
    }

    @Test("An id that is not there is named with the nearest one, and one of another kind with its own")
    func misspeltIDs() async throws {
        try await TestApplication(project: .definitions(Self.queue), handlers: [Fails.self]) { app in
            let sentence = #expect(throws: TestFailure.self) { try app.published("app:wrok") }?.description
            #expect(sentence == "there is no entry 'app:wrok'; did you mean 'app:work'?")
            #expect(throws: TestFailure.self) { try app.database("app:work") }
            #expect(throws: TestFailure.self) { try app.queue("work") }
        }
    }

    @Test("A stand-in that the handler asks for and does not get, and a wrong config, are errors with a sentence")
    func standIns() throws {
        let error = #expect(throws: BuildError.self) {
            try Greets(.standIn(queues: ["cue": StandInQueue()], config: ["text": "a"]))
        }
        #expect(
            error?.message == "the handler asks for 'queue', a queue, but the test has no such stand-in; it has 'cue'")
        let misfit = #expect(throws: InvalidProject.self) {
            try Greets(.standIn(queues: ["queue": StandInQueue()], config: ["txet": "a"]))
        }
        #expect(misfit?.description.contains("unknown field 'txet'; did you mean 'text'?") == true)
    }

    private struct AsksOracle: FunctionHandler {
        let oracle: Link<any Oracle>

        init(_ context: HandlerContext) throws { oracle = try context.resolve("oracle", as: .oracle) }

        func call(_ question: String) -> String { oracle.target.answer(to: question) }
    }

    private struct Echo: Oracle {
        func answer(to question: String) -> String { question }
    }

    @Test("A stand-in can have a contract of the test's own, for a handler and for a middleware")
    func ownContract() throws {
        let handler = try AsksOracle(.standIn(others: ["oracle": StandIn(Echo(), as: .oracle)]))
        #expect(handler.call("why?") == "why?")
        let function = StandInFunction { $0 }
        let error = #expect(throws: BuildError.self) { try AsksOracle(.standIn(functions: ["oracle": function])) }
        #expect(error?.message.contains("'oracle', an oracle, but the test has no such stand-in") == true)
        let context = MiddlewareContext.standIn(others: ["app:oracle": StandIn(Echo(), as: .oracle)])
        let options = try OracleOptions.standIn(options: ["seer.oracle": "app:oracle"])
        #expect(try context.resolve(options.oracle).target.answer(to: "who?") == "who?")
    }

    @Test("A program's own code around its queues stays when a test follows them, and the test sees its messages")
    func ownWrapper() async throws {
        let counter = Counter()
        let wrapper = OfferWrapper(.queue) { queue, _ in CountingQueue(wrapped: queue, accepted: counter) }
        let kinds = .standard + [wrapper]
        try await TestApplication(project: .definitions(Self.queue), handlers: [Fails.self], kinds: kinds) { app in
            try await app.queue("app:dead").publish(1)
            #expect(counter.value == 1)
            #expect(try app.published("app:dead").map { $0.headers["audited"] } == [true])
        }
    }

    private static let queue = """
        namespace: app
        entries:
          - {name: driver, kind: queue.driver.memory}
          - name: work
            kind: queue.queue
            driver: driver
            retry: {initial_delay: 10m, max_delay: 10m, jitter: 0}
            dead_letter: {queue: dead, max_attempts: 2}
          - {name: dead, kind: queue.queue, driver: driver}
          - {name: handle, kind: function.swift, handler: Fails}
          - {name: c, kind: queue.consumer, queue: work, func: handle, lifecycle: {auto_start: true}}
        """

    private static let servers = """
        namespace: app
        entries:
          - {name: one, kind: http.service, addr: ":8080", lifecycle: {auto_start: true}}
          - {name: two, kind: http.service, addr: ":8081", lifecycle: {auto_start: true}}
          - {name: r1, kind: http.router, meta: {server: one}}
          - {name: r2, kind: http.router, meta: {server: two}}
          - {name: answer, kind: function.swift, handler: Answer}
          - {name: e1, kind: http.endpoint, meta: {router: r1}, method: POST, path: /x, func: answer}
          - {name: e2, kind: http.endpoint, meta: {router: r2}, method: PUT, path: /x, func: answer}
        """
}

private struct Fails: MessageHandler {
    struct Failure: Error, CustomStringConvertible { let description: String }

    init(_ context: HandlerContext) {}

    func handle(_ body: Value, _ delivery: Delivery) throws {
        throw Failure(description: "attempt \(delivery.attempt)")
    }
}

/// Waits until its task is cancelled, by the application's clock.
private struct Waits: MessageHandler {
    private let clock: any RuntimeClock

    init(_ context: HandlerContext) { clock = context.clock }

    func handle(_ body: Value, _ delivery: Delivery) async throws { try await clock.sleep(for: .seconds(86_400)) }
}

private struct Answer: HTTPHandler {
    struct Failure: Error {}

    init(_ context: HandlerContext) {}

    func handle(_ request: HTTPRequest) async throws -> HTTPResponse {
        let body = try await request.json()
        if body["throw"] != nil { throw Failure() }
        var answer = HTTPResponse(
            status: .ok,
            body: .stream(length: nil) { writer in
                try await writer.write("\(request.method) \(request.query("y") ?? "") \(JSON.text(of: body))")
                try await writer.write(" \(request.fields[.contentType] ?? "") \(request.id)")
            })
        try answer.fields.set("X-Kind", "stream")
        return answer
    }
}

private struct Greets: MessageHandler {
    struct Config: EntryConfig {
        let text: String
        init(from fields: inout FieldReader) { text = fields.required("text", "What is said.") }
    }

    init(_ context: HandlerContext) throws {
        _ = try context.queue("queue")
        _ = try context.config(Config.self)
    }

    func handle(_ body: Value, _ delivery: Delivery) {}
}

private struct CountingQueue: WrappingQueue {
    let wrapped: any MessageQueue
    let accepted: Counter

    func willPublish(_ message: Message) -> Message {
        var message = message
        message.headers["audited"] = true
        return message
    }

    func didAccept(_ message: Message) { accepted.add() }
}

private struct OracleOptions: EntryConfig {
    let oracle: Reference<any Oracle>

    init(from fields: inout FieldReader) {
        oracle = fields.reference("seer.oracle", .oracle, "The oracle that is asked.")
    }
}

/// A contract of a program's own.
private protocol Oracle: Sendable {
    func answer(to question: String) -> String
}

extension Contract where Offered == any Oracle {
    fileprivate static var oracle: Self { Contract("an oracle") }
}
