import Synchronization
import Testing
import Wippy
import WippyRunningApplication
import WippyTestClient
import WippyTesting

/// A program's own code around functions, queues and messages, with what is public alone.
@Suite("Code around the standard kinds", .timeLimit(.minutes(15)))
struct CodeAroundKindsTests {
    private static func index(_ folder: TemporaryFolder, path: String = "/") -> String {
        """
        namespace: app
        entries:
          - {name: server, kind: http.service, addr: "127.0.0.1:0", lifecycle: {auto_start: true}}
          - {name: router, kind: http.router, meta: {server: server}}
          - {name: say, kind: function.swift, handler: SayRequest, uses: {words: words}}
          - {name: get, kind: http.endpoint, meta: {router: router}, method: GET, path: \(path), func: say}
          - {name: db, kind: db.sql.sqlite, file: "\(folder.file("queue.db"))"}
          - {name: driver, kind: queue.driver.sql, database: db}
          - {name: words, kind: queue.queue, driver: driver}
          - {name: hear, kind: function.swift, handler: Hear}
          - {name: consumer, kind: queue.consumer, queue: words, func: hear, lifecycle: {auto_start: true}}

        """
    }

    @Test("Several libraries wrap functions and queues, and all of them see each request and each message")
    func all() async throws {
        let folder = try TemporaryFolder()
        let (audit, otherAudit, counter) = (Audit(), Audit(), Counter())
        let library: [any ProgramPart] = [
            OfferWrapper(.httpFunction) { function, _ in Traced(function: function) },
            OfferWrapper(.queue) { Audited(wrapped: $0, id: $1.id, audit: audit) },
        ]
        let otherLibrary: [any ProgramPart] = [
            OfferWrapper(.httpFunction) { function, _ in Counted(function: function, counter: counter) },
            OfferWrapper(.queue) { Audited(wrapped: $0, id: $1.id, audit: otherAudit) },
        ]
        let kinds = .standard + library + otherLibrary
        let application = try RunningApplication(
            Self.index(folder), [SayRequest.self, Hear.self], kinds: kinds, in: folder)
        let body = try await application.get("/").body
        #expect(!body.isEmpty && body != "none")
        for audit in [audit, otherAudit] {
            try await eventually("the message is settled") { audit.settled.value == 1 }
            #expect(audit.accepted.withLock { $0 } == ["app:words"])
        }
        #expect(counter.value == 1)
        try await application.reload(Self.index(folder, path: "/other"))
        #expect(try await application.get("/other").body != "none")
        #expect(counter.value == 2)
        let queue = application.application.registry.link(to: EntryID(namespace: "app", name: "words"), as: .queue)
        #expect(queue?.target.ability((any AdministeredQueue).self) != nil && queue?.target.scheduleStore != nil)
        try await application.stop()
    }
}

/// Tells the code of a handler which request it answers.
struct Traced: HTTPResponder {
    @TaskLocal static var request = "none"

    let function: any HTTPResponder

    func respond(to request: HTTPRequest) async throws -> HTTPResponse {
        try await Self.$request.withValue(request.id) { try await function.respond(to: request) }
    }

    func answer(to error: any Error, _ request: HTTPRequest) -> HTTPResponse { function.answer(to: error, request) }
}

private struct Counted: HTTPResponder {
    let function: any HTTPResponder
    let counter: Counter

    func respond(to request: HTTPRequest) async throws -> HTTPResponse {
        counter.add()
        return try await function.respond(to: request)
    }

    func answer(to error: any Error, _ request: HTTPRequest) -> HTTPResponse { function.answer(to: error, request) }
}

private final class Audit: Sendable {
    let accepted = Mutex<[String]>([])
    let settled = Counter()
}

private struct Audited: WrappingQueue {
    let wrapped: any MessageQueue
    let id: EntryID
    let audit: Audit

    func didAccept(_ message: Message) { audit.accepted.withLock { $0.append(id.description) } }

    func subscribe(prefetch: Int) async throws -> any MessageSubscription {
        AuditedSubscription(wrapped: try await wrapped.subscribe(prefetch: prefetch), audit: audit)
    }
}

private struct AuditedSubscription: MessageSubscription {
    let wrapped: any MessageSubscription
    let audit: Audit

    func next() async throws -> Delivery? { try await wrapped.next() }

    func settle(_ delivery: Delivery, _ settlement: Settlement) async throws -> Bool {
        let isSettled = try await wrapped.settle(delivery, settlement)
        if isSettled { audit.settled.add() }
        return isSettled
    }

    func close() async { await wrapped.close() }
}

private struct SayRequest: HTTPHandler {
    let words: Queue

    init(_ context: HandlerContext) throws { words = try context.queue("words") }

    func handle(_ request: HTTPRequest) async throws -> HTTPResponse {
        try await words.publish("word")
        return .text(Traced.request)
    }
}

private struct Hear: MessageHandler {
    init(_ context: HandlerContext) {}

    func handle(_ word: String, _ delivery: Delivery) {}
}
