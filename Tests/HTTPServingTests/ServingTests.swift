import EventLoops
import HTTPServing
import Synchronization
import Testing
import WippyTestClient

@Suite(.timeLimit(.minutes(15)))
struct ServingTests {
    @Test("A connection serves one request after another")
    func keepAlive() async throws {
        try await TestServer().run { address, _ in
            let responses = try await onThread {
                let client = try TestClient(to: address)
                return [
                    try client.exchange("GET /a HTTP/1.1\r\nHost: a\r\n\r\n"),
                    try client.exchange("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello"),
                    try client.exchange("GET /b HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"),
                    try client.response(),
                ]
            }
            #expect(responses.map { $0?.body } == ["/a", "hello", "/b", nil])
            #expect(responses[0]?.fields.contains { $0.hasPrefix("Date: ") && $0.hasSuffix(" GMT") } == true)
            #expect(responses[1]?.fields.contains { $0.hasPrefix("Connection") } == false)
            #expect(responses[2]?.has("Connection: close") == true)
        }
    }

    @Test("Ten requests sent at once are answered in order")
    func pipelining() async throws {
        let calls = Mutex(0)
        try await TestServer { request in
            calls.withLock { $0 += 1 }
            return try await TestServer.echo(request)
        }.run { address, _ in
            let bodies = try await onThread {
                let client = try TestClient(to: address)
                try client.send(
                    (0..<10).map { number in
                        number % 2 == 0
                            ? "GET /\(number) HTTP/1.1\r\nHost: a\r\n\r\n"
                            : "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n:\(number)"
                    }.joined())
                return try (0..<10).map { _ in try client.response()?.body }
            }
            #expect(bodies == ["/0", ":1", "/2", ":3", "/4", ":5", "/6", ":7", "/8", ":9"])
        }
        #expect(calls.withLock { $0 } == 10)
    }

    @Test("An answer does not wait for the next request's responder")
    func pipelinedAnswersGoOut() async throws {
        let release = Signal()
        try await TestServer { request in
            if request.head.path == "/slow" { await release.wait() }
            return try await TestServer.echo(request)
        }.run { address, _ in
            let client = try TestClient(to: address)
            let first = try await onThread {
                try client.exchange("GET /fast HTTP/1.1\r\nHost: a\r\n\r\nGET /slow HTTP/1.1\r\nHost: a\r\n\r\n")
            }
            #expect(first?.body == "/fast")
            release.fire()
            #expect(try await onThread { try client.response() }?.body == "/slow")
        }
    }

    @Test("A client of HTTP/1.0 is closed on unless it asks otherwise")
    func oldVersion() async throws {
        try await TestServer().run { address, _ in
            let (kept, closed, end) = try await onThread {
                let client = try TestClient(to: address)
                return (
                    try client.exchange("GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"),
                    try client.exchange("GET /b HTTP/1.0\r\n\r\n"), try client.response()
                )
            }
            #expect(kept?.has("Connection: keep-alive") == true)
            #expect(closed?.has("Connection: close") == true)
            #expect(end == nil)
        }
    }

    @Test("HEAD gets the length and no content, 204 neither")
    func noContent() async throws {
        try await TestServer { request in
            request.head.path == "/none"
                ? HTTPResponse(status: .noContent, body: .bytes([1])) : HTTPResponse(json: [1, 2, 3])
        }.run { address, _ in
            let (head, none) = try await onThread {
                let client = try TestClient(to: address)
                try client.send("HEAD / HTTP/1.1\r\nHost: a\r\n\r\nGET /none HTTP/1.1\r\nHost: a\r\n\r\n")
                return (try client.response(hasBody: false), try client.response())
            }
            #expect(head?.has("Content-Length: 3") == true)
            #expect(none?.status == 204)
            #expect(none?.fields.count == 1)
        }
    }

    @Test("A client is told to go on when the responder reads, and not otherwise")
    func expectation() async throws {
        try await TestServer { request in
            request.head.path == "/read"
                ? try await TestServer.echo(request) : HTTPResponse(status: .forbidden)
        }.run { address, _ in
            let (interim, final, refused, end) = try await onThread {
                let client = try TestClient(to: address)
                let fields = "HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n"
                let interim = try client.exchange("POST /read \(fields)")
                let final = try client.exchange("hello")
                return (interim, final, try client.exchange("POST /no \(fields)"), try client.response())
            }
            #expect(interim == TestClient.Response(status: 100))
            #expect(final?.body == "hello")
            #expect(refused?.status == 403)
            #expect(refused?.has("Connection: close") == true)
            #expect(end == nil)
        }
    }

    @Test("A body comes in pieces as it arrives, and from any executor")
    func pieces() async throws {
        let (first, second) = (Signal(), Signal())
        try await TestServer { request in
            let all = try await Task.detached {
                var pieces: [[UInt8]] = []
                for try await piece in request.body {
                    pieces.append(piece)
                    (pieces.count == 1 ? first : second).fire()
                }
                return pieces
            }.value
            return HTTPResponse(status: .ok, body: .bytes(Array("\(all.count)".utf8)))
        }.run { address, _ in
            let client = try TestClient(to: address)
            try client.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n")
            await first.wait()
            try client.send("3\r\ndef\r\n")
            await second.wait()
            let response = try await onThread { try client.exchange("0\r\n\r\n") }
            #expect(response?.body == "2")
        }
    }

    @Test("A large body goes through, back to a client that reads while it writes")
    func large() async throws {
        try await TestServer { request in
            HTTPResponse(
                status: .ok,
                body: .stream(length: nil) { writer in
                    for try await piece in request.body { try await writer.write(piece) }
                })
        }.run { address, _ in
            let client = try TestClient(to: address)
            let chunk = String(repeating: "0123456789abcdef", count: 4096)
            async let sent: Void = onThread {
                try client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: \(65_536 * 100)\r\n\r\n")
                for _ in 0..<100 { try client.send(chunk) }
            }
            let response = try await onThread { try client.response() }
            try await sent
            #expect(response?.body == String(repeating: chunk, count: 100))
        }
    }

    @Test("A body that nobody read is dropped if it is small, and closes the connection if it is not")
    func unread() async throws {
        try await TestServer { _ in
            HTTPResponse(status: .ok)
        }.run { address, _ in
            let (statuses, closing) = try await onThread {
                let client = try TestClient(to: address)
                let small = String(repeating: "x", count: 60_000)
                try client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 60000\r\n\r\n\(small)")
                try client.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n")
                try client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 70000\r\n\r\n")
                let responses = try (0..<4).map { _ in try client.response() }
                return (responses.map { $0?.status }, responses[2]?.has("Connection: close"))
            }
            #expect(statuses == [200, 200, 200, nil])
            #expect(closing == true)
        }
    }

    @Test("The limit of a body can be lowered and raised before it is read")
    func bodyLimit() async throws {
        try await TestServer { request in
            var request = request
            request.body.limit = request.head.path == "/low" ? 3 : 20
            return try await TestServer.echo(request)
        }.with { $0.settings.limits.bodyBytes = 10 }.run { address, _ in
            let statuses = try await onThread {
                try [("/low", "abc"), ("/low", "abcd"), ("/high", "01234567890123456789")].map { path, body in
                    try TestClient(to: address).exchange(
                        "POST \(path) HTTP/1.1\r\nHost: a\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)")?.status
                }
            }
            #expect(statuses == [200, 413, 200])
        }
    }

    @Test("What a responder throws is 500, names the request, and keeps the connection")
    func thrown() async throws {
        struct Oops: Error {}
        try await TestServer { _ in
            throw Oops()
        }.run { address, _ in
            let (first, second, third) = try await onThread {
                let client = try TestClient(to: address)
                return (
                    try client.exchange("GET / HTTP/1.1\r\nHost: a\r\nX-Request-Id: my-1\r\n\r\n"),
                    try client.exchange("GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
                    try client.exchange("GET / HTTP/1.1\r\nHost: a\r\nX-Request-Id: \"\r\n\r\n")
                )
            }
            #expect(first?.status == 500)
            #expect(first?.body == #"{"error":"internal error","request_id":"my-1"}"#)
            #expect(first?.has("Content-Type: application/json") == true)
            #expect(second?.body.hasSuffix(#"-2"}"#) == true)
            #expect(third?.body.hasSuffix(#"-3"}"#) == true)
        }
    }

    @Test("The owner decides what an error looks like")
    func errorHook() async throws {
        struct Oops: Error {}
        try await TestServer { _ in throw Oops() }.with {
            $0.answerError = { error, _ in HTTPResponse(status: .conflict, error: "a \"\(error)\"\n") }
        }.run { address, _ in
            let response = try await onThread {
                try TestClient(to: address).exchange("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            }
            #expect(response?.status == 409)
            #expect(response?.body == #"{"error":"a \"Oops()\"\u000a"}"#)
        }
    }

    @Test("The owner decides what the server's own answers look like, once a head has been read")
    func errorHookOfTheServer() async throws {
        let heard = Mutex<[String]>([])
        let isOver = Signal()
        try await TestServer { request in
            switch request.head.path {
            case "/slow":
                request.setTimeout(.milliseconds(50))
                await Task.detached { await isOver.wait() }.value
            case "/body": _ = try await request.body.collect()
            default: break
            }
            return HTTPResponse(status: HTTPStatus(code: 103) ?? .ok)
        }.with {
            $0.settings.limits.bodyBytes = 1
            $0.answerError = { error, request in
                heard.withLock { $0.append("\(request.head.path) \(error)") }
                return HTTPResponse(status: .conflict, error: "mine")
            }
        }.run { address, _ in
            for (line, body) in [("HEAD /slow", ""), ("GET /interim", ""), ("POST /body", "xx")] {
                let client = try TestClient(to: address)
                try client.send(
                    "\(line) HTTP/1.1\r\nHost: a\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)")
                let hasBody = !line.hasPrefix("HEAD")
                let response = try await onThread { try client.response(hasBody: hasBody) }
                #expect(response?.status == 409)
                guard !hasBody else { continue }
                // The content of an answer to HEAD would be left over.
                let leftOver = try await onThread { try client.receiveTextToEnd() }
                #expect(leftOver == "")
                isOver.fire()
            }
        }
        #expect(
            heard.withLock(\.self) == [
                "/slow the request took too long", "/interim an answer cannot have the status 103",
                "/body the request body is too large",
            ])
    }

    @Test("An error that comes after the client's answer is known to be late")
    func lateError() async throws {
        struct Oops: Error {}
        let heard = Mutex<[String]>([])
        let isOver = Signal()
        try await TestServer { request in
            guard request.head.path == "/slow" else { throw Oops() }
            request.setTimeout(.milliseconds(50))
            await Task.detached { await isOver.wait() }.value
            throw Oops()
        }.with {
            $0.answerError = { error, request in
                heard.withLock { $0.append("\(request.head.path) \(error) \(request.isAnswered)") }
                return HTTPResponse(status: .serviceUnavailable, error: "mine")
            }
        }.run { address, _ in
            for path in ["/", "/slow"] {
                let response = try await onThread {
                    try TestClient(to: address).exchange("GET \(path) HTTP/1.1\r\nHost: a\r\n\r\n")
                }
                #expect(response?.status == 503)
            }
            isOver.fire()
        }
        #expect(
            heard.withLock(\.self) == [
                "/ Oops() false", "/slow the request took too long false", "/slow Oops() true",
            ])
    }

    @Test("A body is read at once if all of it has arrived, by whoever is on the loop")
    func bodyAtOnce() async throws {
        let wanted = Signal()
        let read = Mutex<[[UInt8]?]>([])
        try await TestServer { request in
            let first = try request.body.collectAtOnce(upTo: 4)
            if request.head.path == "/late" { wanted.fire() }
            let rest = try await request.body.collect(upTo: 8)
            read.withLock { $0 += [first, rest] }
            return HTTPResponse(status: .ok)
        }.run { address, _ in
            let client = try TestClient(to: address)
            for body in ["", "body", "too long"] {
                let head = "POST /whole HTTP/1.1\r\nHost: a\r\nContent-Length: \(body.utf8.count)\r\n\r\n"
                let response = try await onThread { try client.exchange(head + body) }
                #expect(response?.status == 200)
            }
            try client.send("POST /late HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nla")
            await wanted.wait()
            try client.send("te")
            let response = try await onThread { try client.response() }
            #expect(response?.status == 200)
        }
        let texts = read.withLock { $0.map { $0.map { String(decoding: $0, as: UTF8.self) } } }
        #expect(texts == [nil, "", "body", "", nil, "too long", nil, "late"])
    }

    @Test("A body that a responder kept for later cannot be read any more")
    func escapedBody() async throws {
        let kept = Mutex<HTTPBody?>(nil)
        try await TestServer { request in
            kept.withLock { $0 = request.body }
            return HTTPResponse(status: .ok)
        }.run { address, _ in
            let client = try TestClient(to: address)
            let response = try await onThread {
                try client.exchange("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx")
            }
            #expect(response?.status == 200)
            let body = try #require(kept.withLock { $0 })
            await #expect(throws: HTTPBodyError.self) { try await body.collect() }
        }
    }

    @Test("A reader that the responder left behind does not hold up the connection")
    func abandonedReader() async throws {
        let reading = Signal()
        let failed = Signal()
        try await TestServer { request in
            if request.method == .get { return HTTPResponse(status: .ok) }
            Task {
                reading.fire()
                do { _ = try await request.body.collect() } catch { failed.fire() }
            }
            await reading.wait()
            return HTTPResponse(status: .accepted)
        }.run { address, _ in
            let client = try TestClient(to: address)
            let response = try await onThread {
                try client.exchange("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nab")
            }
            #expect(response?.status == 202)
            await failed.wait()
            try client.send("cde")
            let next = try await onThread { try client.exchange("GET / HTTP/1.1\r\nHost: a\r\n\r\n") }
            #expect(next?.status == 200)
        }
    }

    @Test("No more connections are open than allowed, and the next gets its turn")
    func connectionLimit() async throws {
        try await TestServer().with { $0.settings.maxConnections = 2 }.run { address, server in
            let get = "GET /x HTTP/1.1\r\nHost: a\r\n\r\n"
            let (first, second) = (try TestClient(to: address), try TestClient(to: address))
            _ = try await onThread { (try first.exchange(get), try second.exchange(get)) }
            let third = try TestClient(to: address)
            try third.send(get)
            #expect(server.openConnections == 2)
            first.finishSending()
            #expect(try await onThread { try third.response() }?.body == "/x")
        }
    }

    @Test("An observer hears of connections and of every answer")
    func observer() async throws {
        let observer = RecordingObserver()
        try await TestServer().with { $0.observer = observer }.run { address, _ in
            try await onThread {
                let client = try TestClient(to: address)
                _ = try client.exchange(
                    "POST /a?b HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nX-Request-Id: r1\r\n\r\nhello")
                try client.send("nonsense\r\n")
                _ = try client.receiveTextToEnd()
            }
        }
        #expect(observer.lines.withLock { $0 } == ["open", "POST /a 200 5 r1 true", "refused 400 true", "close"])
    }

    @Test("An observer hears of the answer that was sent instead of the responder's")
    func observedInstead() async throws {
        let observer = RecordingObserver()
        let isOver = Signal()
        try await TestServer { request in
            request.setTimeout(.milliseconds(50))
            await Task.detached { await isOver.wait() }.value
            return HTTPResponse(status: .ok)
        }.with {
            $0.observer = observer
            $0.answerError = { _, _ in HTTPResponse(status: .conflict, body: .bytes(Array("mine".utf8))) }
        }.run { address, _ in
            for method in ["GET", "HEAD"] {
                let answer = try await onThread {
                    let client = try TestClient(to: address)
                    try client.send("\(method) /a HTTP/1.1\r\nHost: a\r\nX-Request-Id: r1\r\n\r\n")
                    return try client.receiveTextToEnd()
                }
                #expect(answer.hasPrefix("HTTP/1.1 409 "))
                isOver.fire()
            }
        }
        let answers = observer.lines.withLock { $0.filter { $0.hasSuffix("true") } }
        #expect(answers == ["GET /a 409 4 r1 true", "HEAD /a 409 0 r1 true"])
    }
}

private final class RecordingObserver: HTTPServerObserver {
    let lines = Mutex<[String]>([])

    func connectionOpened() { lines.withLock { $0.append("open") } }
    func connectionClosed() { lines.withLock { $0.append("close") } }

    func answered(_ request: HTTPRequest?, _ record: HTTPAccessRecord) {
        let request = request.map {
            "\($0.method) \($0.head.path) \(record.status.code) \(record.contentBytes) \($0.id)"
        }
        lines.withLock { $0.append("\(request ?? "refused \(record.status.code)") \(record.isComplete)") }
        #expect(record.duration >= .zero)
    }
}
