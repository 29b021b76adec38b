import EventLoops
import HTTPServing
import Synchronization

/// A server on loops of its own and a free port, which answers with a closure.
struct TestServer: HTTPResponder {
    private let answer: @Sendable (HTTPRequest) async throws -> HTTPResponse
    var settings = HTTPServerSettings(address: .loopback())
    var observer: (any HTTPServerObserver)?
    var answerError: (@Sendable (any Error, HTTPRequest) -> HTTPResponse)?

    /// Nobody runs out of time, so that a busy machine changes nothing; a test that is about time sets a time-out.
    init(_ answer: @escaping @Sendable (HTTPRequest) async throws -> HTTPResponse = echo) {
        self.answer = answer
        let never = Duration.seconds(3600)
        settings.timeouts.header = never
        settings.timeouts.body = never
        settings.timeouts.idle = never
        settings.timeouts.responder = never
    }

    /// The same, changed.
    func with(_ change: (inout TestServer) -> Void) -> TestServer {
        var changed = self
        change(&changed)
        return changed
    }

    func respond(to request: HTTPRequest) async throws -> HTTPResponse {
        try await answer(request)
    }

    /// Serves while `body` runs, then stops.
    func run(_ body: (SocketAddress, HTTPServer) async throws -> Void) async throws {
        let group = try EventLoopGroup(count: 2)
        let responder: any HTTPResponder = answerError.map { OwnErrors(answers: self, answerError: $0) } ?? self
        let server = try HTTPServer(settings, responder: responder, observer: observer)
        do {
            let address = try await server.start(on: group)
            try await body(address, server)
            await server.stop()
        } catch {
            await group.shutDown()
            throw error
        }
        await group.shutDown()
    }

    /// Sends the body back, or the target of a request without one.
    static let echo: @Sendable (HTTPRequest) async throws -> HTTPResponse = { request in
        let body = try await request.body.collect()
        let content = body.isEmpty ? Array(request.head.requestTarget.utf8) : body
        return HTTPResponse(status: .ok, body: .bytes(content))
    }
}

/// Answers as a server does, and errors in a way of its own.
private struct OwnErrors: HTTPResponder {
    let answers: TestServer
    let answerError: @Sendable (any Error, HTTPRequest) -> HTTPResponse

    func respond(to request: HTTPRequest) async throws -> HTTPResponse { try await answers.respond(to: request) }

    func answer(to error: any Error, _ request: HTTPRequest) -> HTTPResponse { answerError(error, request) }
}

/// Something that happens once, or several times, and that a test waits for.
final class Signal: Sendable {
    private let stream: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation

    init() {
        (stream, continuation) = AsyncStream.makeStream()
    }

    func fire() { continuation.yield() }

    /// Returns when it has fired once more than it was waited for; the test's time limit ends a wait that is in vain.
    func wait() async {
        for await _ in stream { return }
    }
}

/// Never returns before the task is cancelled.
func waitForCancellation() async throws {
    try await Task.sleep(for: .seconds(3600))
}

/// Counts, and tells when the task that counts has to wait.
final class Counter: Sendable {
    private let count = Atomic<Int>(0)

    var value: Int { count.load(ordering: .sequentiallyConsistent) }

    func add(_ number: Int) { count.add(number, ordering: .sequentiallyConsistent) }

    /// Returns when something was counted and the task that counts, on `loop`, waits for something else than its turn.
    ///
    /// A task that may run does so in every turn of its loop, so a few turns without a count show it.
    func waitUntilStill(on loop: EventLoop) async {
        var last = 0
        repeat {
            last = value
            for _ in 0..<10 {
                await withCheckedContinuation { turned in loop.execute { turned.resume() } }
            }
        } while value == 0 || value != last
    }
}
