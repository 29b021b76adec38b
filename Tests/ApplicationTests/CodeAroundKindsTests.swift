import Synchronization
import Testing
import Wippy
import WippyRunningApplication
import WippyTestClient
import WippyTesting

/// A program's own code around endpoints, queues and messages, with what is public alone.
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

    @Test("An endpoint's function runs inside it, a queue tells of what it accepts, and a driver of each step")
    func all() async throws {
        let folder = try TemporaryFolder()
        let (trace, audit) = (MessageTrace(), Audit())
        let kinds = [any ProgramPart].standard.replacing(with: [
            HTTPKinds.endpoint { Traced(function: $0) },
            QueueKinds.queue { Audited(wrapped: $0, id: $1, audit: audit) },
            SQLQueueKinds.driver(observer: trace),
        ])
        let application = try RunningApplication(
            Self.index(folder), [SayRequest.self, Hear.self], kinds: kinds, in: folder)
        let body = try await application.get("/").body
        #expect(!body.isEmpty && body != "none")
        try await eventually("the message has gone through every step") {
            Set(trace.points.withLock { $0 }) == Set(MessagePoint.allCases)
        }
        #expect(audit.accepted.withLock { $0 } == ["app:words"])
        try await application.reload(Self.index(folder, path: "/other"))
        #expect(try await application.get("/other").body != "none")
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

private final class Audit: Sendable {
    let accepted = Mutex<[String]>([])
}

private struct Audited: WrappingQueue {
    let wrapped: any MessageQueue
    let id: EntryID
    let audit: Audit

    func didAccept(_ message: Message) { audit.accepted.withLock { $0.append(id.description) } }
}

private final class MessageTrace: MessageObserver {
    let points = Mutex<[MessagePoint]>([])

    func publishing(_ message: Message) -> Message { message }

    func passes(_ point: MessagePoint, attempt: Int) { points.withLock { $0.append(point) } }
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
