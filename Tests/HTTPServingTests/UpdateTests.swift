import EventLoops
import HTTPServing
import Testing
import WippyTestClient
import WippyTestTools

/// Other settings while connections are open.
@Suite("A running server takes other settings", .timeLimit(.minutes(15)))
struct UpdateTests {
    private static let get = "GET /n HTTP/1.1\r\nHost: a\r\n\r\n"
    private static let post = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 20\r\n\r\n"
    private static let content = "0123456789abcdefghij"

    private static func settings(_ change: (inout HTTPServerSettings) -> Void) -> HTTPServerSettings {
        TestServer().with { change(&$0.settings) }.settings
    }

    /// Settings that take bodies of ten bytes.
    private static let short = settings { $0.limits.bodyBytes = 10 }

    /// Has a server take settings; when this returns, the loop of the connection has them.
    private static func update(
        _ server: HTTPServer, _ settings: HTTPServerSettings, seenBy clients: TestClient...
    ) async throws {
        try server.update(settings)
        for client in clients { #expect(try await onThread { try client.exchange(get) }?.status == 200) }
    }

    @Test("A connection that is idle stays open and has the new limits from its next request on")
    func idle() async throws {
        try await TestServer().run { address, server in
            let (first, second) = (try TestClient(to: address), try TestClient(to: address))
            for client in [first, second] {
                #expect(try await onThread { try client.exchange(Self.post + Self.content) }?.status == 200)
            }
            try await Self.update(server, Self.short, seenBy: first, second)
            #expect(try await onThread { try first.exchange(Self.post + Self.content) }?.status == 413)
            try await Self.update(server, Self.settings { _ in }, seenBy: second)
            #expect(try await onThread { try second.exchange(Self.post + Self.content) }?.body == Self.content)
            let fewFields = Self.settings { $0.limits.headerFields = 1 }
            try await Self.update(server, fewFields, seenBy: second)
            let more = "GET / HTTP/1.1\r\nHost: a\r\nX: y\r\n\r\n"
            #expect(try await onThread { try second.exchange(more) }?.status == 431)
        }
    }

    @Test("A request whose head has begun keeps its limits; the next one of its connection has the new ones")
    func inHead() async throws {
        try await TestServer().run { address, server in
            let client = try TestClient(to: address)
            let begun = "POST / HTTP/1.1\r\nHost: a\r\n"
            // The beginning came with the request before it, so it has been read when that is answered.
            #expect(try await onThread { try client.exchange(Self.get + begun) }?.status == 200)
            try server.update(
                Self.settings {
                    $0.limits.headerBytes = RequestLimits.headerBytesRange.lowerBound
                    $0.limits.headerFields = 2
                    $0.limits.bodyBytes = 10
                })
            let other = try TestClient(to: address)
            #expect(try await onThread { try other.exchange(Self.get) }?.status == 200)
            let rest = "X: \(String(repeating: "y", count: 2000))\r\nContent-Length: 20\r\n\r\n"
            #expect(try await onThread { try client.exchange(rest + Self.content) }?.body == Self.content)
            #expect(try await onThread { try client.exchange(Self.post + Self.content) }?.status == 413)
        }
    }

    @Test("A request keeps its limits while its body comes, and a response that comes in pieces is finished")
    func inBodyAndResponse() async throws {
        let (began, release) = (Signal(), Signal())
        try await TestServer { request in
            guard request.method == .post else { return HTTPResponse(status: .ok) }
            var pieces = request.body.makeAsyncIterator()
            var body = try await pieces.next() ?? []
            began.fire()
            while let piece = try await pieces.next() { body += piece }
            let content = body
            return HTTPResponse(
                status: .ok,
                body: .stream(length: nil) { writer in
                    try await writer.write(Array(content.prefix(5)))
                    try await writer.flush()
                    began.fire()
                    await release.wait()
                    try await writer.write(Array(content.dropFirst(5)))
                })
        }.run { address, server in
            let client = try TestClient(to: address)
            try client.send(Self.post + Self.content.prefix(5))
            await began.wait()
            try server.update(Self.short)
            try client.send(String(Self.content.dropFirst(5)))
            await began.wait()
            try server.update(
                Self.settings {
                    $0.limits.bodyBytes = 5
                    $0.timeouts.responder = .milliseconds(1)
                })
            release.fire()
            #expect(try await onThread { try client.response() }?.body == Self.content)
            #expect(try await onThread { try client.exchange(Self.post + Self.content) }?.status == 413)
        }
    }

    @Test("The time of a responder at work stays as it was; the next one has the new time")
    func responderTime() async throws {
        let (began, release) = (Signal(), Signal())
        try await TestServer { request in
            if request.head.path == "/held" {
                began.fire()
                await release.wait()
            } else if request.head.path == "/slow" {
                try await waitForCancellation()
            }
            return HTTPResponse(status: .ok)
        }.run { address, server in
            let (held, other) = (try TestClient(to: address), try TestClient(to: address))
            try held.send("GET /held HTTP/1.1\r\nHost: a\r\n\r\n")
            await began.wait()
            try await Self.update(server, Self.settings { $0.timeouts.responder = .milliseconds(50) }, seenBy: other)
            // The other's time is over, and was begun after the one that is held.
            let slow = "GET /slow HTTP/1.1\r\nHost: a\r\n\r\n"
            #expect(try await onThread { try other.exchange(slow) }?.status == 503)
            release.fire()
            #expect(try await onThread { try held.response() }?.status == 200)
            #expect(try await onThread { try held.exchange(slow) }?.status == 503)
        }
    }

    @Test("The time of a head, of a body and between requests are new from the next one on")
    func clientTimes() async throws {
        try await TestServer().run { address, server in
            let (idle, head, body) = (
                try TestClient(to: address), try TestClient(to: address), try TestClient(to: address)
            )
            for client in [idle, head, body] { _ = try await onThread { try client.exchange(Self.get) } }
            let short = Duration.milliseconds(200)
            try await Self.update(server, Self.settings { $0.timeouts.header = short }, seenBy: head)
            #expect(try await onThread { try head.exchange("GET / HTTP/1.1\r\n") }?.status == 408)
            try await Self.update(server, Self.settings { $0.timeouts.body = short }, seenBy: body)
            #expect(try await onThread { try body.exchange(Self.post) }?.status == 408)
            try await Self.update(server, Self.settings { $0.timeouts.idle = short }, seenBy: idle)
            #expect(try await onThread { try idle.receiveTextToEnd() } == "")
        }
    }

    @Test("Fewer connections at once close nobody and hold newcomers back; more let them in at once")
    func connections() async throws {
        try await TestServer().run { address, server in
            let clients = try (0..<4).map { _ in try TestClient(to: address) }
            for client in clients { _ = try await onThread { try client.exchange(Self.get) } }
            try server.update(Self.settings { $0.maxConnections = 1 })
            // On both loops, one of which accepts.
            for client in clients { #expect(try await onThread { try client.exchange(Self.get) }?.status == 200) }
            let late = try TestClient(to: address)
            try late.send(Self.get)
            for client in clients { #expect(try await onThread { try client.exchange(Self.get) }?.status == 200) }
            #expect(server.openConnections == 4)
            for client in clients.dropFirst() { client.finishSending() }
            try await eventually("three connections are closed") { server.openConnections == 1 }
            #expect(try await onThread { try clients[0].exchange(Self.get) }?.status == 200)
            #expect(server.openConnections == 1)
            clients[0].finishSending()
            #expect(try await onThread { try late.response() }?.status == 200)

            let later = try TestClient(to: address)
            try later.send(Self.get)
            #expect(try await onThread { try late.exchange(Self.get) }?.status == 200)
            #expect(server.openConnections == 1)
            try server.update(Self.settings { $0.maxConnections = 2 })
            #expect(try await onThread { try later.response() }?.status == 200)
            #expect(server.openConnections == 2)
        }
    }

    @Test("A server that does not run yet takes them as well, but for the address")
    func beforeStart() async throws {
        let group = try EventLoopGroup(count: 2)
        let server = try HTTPServer(Self.settings { _ in }, responder: TestServer())
        var other = Self.short
        other.address = SocketAddress.loopback(port: 1)
        try server.update(other)
        let address = try await server.start(on: group)
        #expect(address.port != 1)
        let status = try await onThread {
            let client = try TestClient(to: address)
            return try client.exchange(Self.post + Self.content)?.status
        }
        #expect(status == 413)
        await server.stop()
        try server.update(Self.short)
        await group.shutDown()
    }
    @Test(
        "Values out of range are refused, before the start and later, and nothing changes",
        arguments: [
            (
                "the largest number of connections is 0, but must be within 1...1000000",
                { @Sendable (settings: inout HTTPServerSettings) in settings.maxConnections = 0 }
            ),
            (
                "the largest time for a head is 0s, but must be within 1ms...24h",
                { @Sendable in $0.timeouts.header = .zero }
            ),
            (
                "the largest time for a responder is 48h, but must be within 1ms...24h",
                { @Sendable in $0.timeouts.responder = .seconds(2 * 86_400) }
            ),
            (
                "the largest size of a head is 1023, but must be within 1024...1048576",
                { @Sendable in $0.limits.headerBytes = 1023 }
            ),
            (
                "the largest number of header fields is 10001, but must be within 1...10000",
                { @Sendable in $0.limits.headerFields = 10_001 }
            ),
            (
                "the largest size of a body is -1, but must be within 0...1099511627776",
                { @Sendable in $0.limits.bodyBytes = -1 }
            ),
        ])
    func outOfRange(sentence: String, change: @Sendable (inout HTTPServerSettings) -> Void) async throws {
        let wrong = Self.settings(change)
        let error = HTTPServerError.outOfRange(sentence)
        #expect(throws: error) { try HTTPServer(wrong, responder: TestServer()) }
        #expect("\(error)" == sentence)
        try await TestServer().run { address, server in
            #expect(throws: error) { try server.update(wrong) }
            let client = try TestClient(to: address)
            #expect(try await onThread { try client.exchange(Self.post + Self.content) }?.body == Self.content)
        }
    }

    @Test("A responder can have no limit of time")
    func noLimit() throws {
        _ = try HTTPServer(Self.settings { $0.timeouts.responder = nil }, responder: TestServer())
    }

    @Test("The time of a body counts from when the responder begins to read it, not from when it first waits for it")
    func bodyTimeBegins() async throws {
        let (began, release) = (Signal(), Signal())
        try await TestServer { request in
            guard request.head.path == "/held" else { return HTTPResponse(status: .ok) }
            var pieces = request.body.makeAsyncIterator()
            _ = try await pieces.next()
            began.fire()
            await release.wait()
            while try await pieces.next() != nil {}
            return HTTPResponse(status: .ok)
        }.with { $0.settings.timeouts.body = .milliseconds(100) }.run { address, server in
            let (held, other) = (try TestClient(to: address), try TestClient(to: address))
            try held.send("POST /held HTTP/1.1\r\nHost: a\r\nContent-Length: 20\r\n\r\nx")
            await began.wait()
            // From now on, a time that begins is an hour.
            try await Self.update(server, Self.settings { _ in }, seenBy: other)
            release.fire()
            #expect(try await onThread { try held.response() }?.status == 408)
        }
    }
}
