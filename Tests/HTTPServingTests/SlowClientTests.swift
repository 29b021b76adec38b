import EventLoops
import HTTPServing
import Synchronization
import Testing
import WippyTestClient

@Suite(.timeLimit(.minutes(15)))
struct SlowClientTests {
    private static let get = "GET /n HTTP/1.1\r\nHost: a\r\n\r\n"

    @Test(
        "A head that is not complete in time is 408",
        arguments: ["G", "GET / HTTP/1.1\r\n", "GET / HTTP/1.1\r\nHost: a\r\n"])
    func slowHead(text: String) async throws {
        try await TestServer().with { $0.settings.timeouts.header = .milliseconds(150) }.run { address, _ in
            let answer = try await onThread {
                let client = try TestClient(to: address)
                try client.send(text)
                return try client.receiveTextToEnd()
            }
            #expect(answer.hasPrefix("HTTP/1.1 408 Request Timeout\r\n"))
            #expect(answer.contains("\r\nConnection: close\r\n"))
        }
    }

    @Test("Bytes that drip do not extend the time of a head")
    func drippedHead() async throws {
        try await TestServer().with { $0.settings.timeouts.header = .milliseconds(300) }.run { address, _ in
            let client = try TestClient(to: address)
            try client.send("GET / HTTP/1.1\r\n")
            let dripping = Task {
                while !Task.isCancelled, (try? client.send("X: y\r\n")) != nil {
                    try await Task.sleep(for: .milliseconds(20))
                }
            }
            let answer = try await onThread { try client.response() }
            dripping.cancel()
            #expect(answer?.status == 408)
        }
    }

    @Test("A body that is not complete in time is 408, dripped or not")
    func slowBody() async throws {
        try await TestServer().with { $0.settings.timeouts.body = .milliseconds(300) }.run { address, _ in
            let client = try TestClient(to: address)
            try client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n")
            let dripping = Task {
                while !Task.isCancelled, (try? client.send("x")) != nil {
                    try await Task.sleep(for: .milliseconds(20))
                }
            }
            let answer = try await onThread { try client.response() }
            dripping.cancel()
            #expect(answer?.status == 408)
            #expect(answer?.has("Connection: close") == true)
        }
    }

    @Test("The time of a body is over when the responder asks again, if it was busy then")
    func slowBodyAndResponder() async throws {
        try await TestServer { request in
            var pieces = request.body.makeAsyncIterator()
            _ = try await pieces.next()
            // A timer of the same loop, so the body's has fired before.
            try await EventLoop.current?.sleep(for: .milliseconds(200))
            _ = try await pieces.next()
            return HTTPResponse(status: .ok)
        }.with { $0.settings.timeouts.body = .milliseconds(100) }.run { address, _ in
            let client = try TestClient(to: address)
            try client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nx")
            #expect(try await onThread { try client.response() }?.status == 408)
        }
    }

    @Test("An idle connection is closed without a word", arguments: ["", "\r\n", get])
    func idle(text: String) async throws {
        try await TestServer().with { $0.settings.timeouts.idle = .seconds(2) }.run { address, _ in
            let answer = try await onThread {
                let client = try TestClient(to: address)
                try client.send(text)
                return try client.receiveTextToEnd()
            }
            #expect(text == Self.get ? answer.hasSuffix("/n") : answer.isEmpty)
        }
    }

    @Test("Two hundred connections that are half open do not delay a neighbour")
    func halfOpen() async throws {
        try await TestServer().run { address, server in
            let clients = try (0..<200).map { number in
                let client = try TestClient(to: address)
                try client.send(
                    ["", "GET / HT", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nab"][number % 3])
                return client
            }
            try await onThread {
                let client = try TestClient(to: address)
                for _ in 0..<100 { #expect(try client.exchange(Self.get)?.body == "/n") }
            }
            // All came before the neighbour, and nobody's time was over before it had its turn.
            #expect(server.openConnections >= clients.count)
        }
    }

    @Test("A client that takes nothing of a large answer is cut off")
    func readsNothing() async throws {
        let failed = Signal()
        try await TestServer { _ in
            HTTPResponse(
                status: .ok,
                body: .stream(length: nil) { writer in
                    do {
                        while true { try await writer.write([UInt8](repeating: 120, count: 65_536)) }
                    } catch {
                        failed.fire()
                        throw error
                    }
                })
        }.with { $0.settings.timeouts.idle = .milliseconds(300) }.run { address, _ in
            let client = try TestClient(to: address, receiveBuffer: 4096)
            try client.send(Self.get)
            await failed.wait()
        }
    }

    @Test("A client that takes nothing of a whole answer is cut off", arguments: ["keep-alive", "close"])
    func readsNothingOfWhole(option: String) async throws {
        let observer = ClosedObserver()
        try await TestServer { _ in
            HTTPResponse(status: .ok, body: .bytes([UInt8](repeating: 120, count: 32 << 20)))
        }.with {
            $0.settings.timeouts.idle = .milliseconds(300)
            $0.observer = observer
        }.run { address, _ in
            let client = try TestClient(to: address, receiveBuffer: 4096)
            try client.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: \(option)\r\n\r\n")
            await observer.closed.wait()
            // The client is still there, so that it was not its leaving that closed the connection.
            client.finishSending()
        }
    }

    @Test("A responder past its time is cancelled and its client gets 503")
    func slowResponder() async throws {
        let cancelled = Signal()
        try await TestServer { request in
            if request.head.path == "/n" { return HTTPResponse(status: .ok) }
            do { try await waitForCancellation() } catch { cancelled.fire() }
            return HTTPResponse(status: .ok)
        }.with { $0.settings.timeouts.responder = .milliseconds(150) }.run { address, _ in
            let answer = try await onThread {
                let client = try TestClient(to: address)
                try client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n" + Self.get)
                return try client.receiveTextToEnd()
            }
            #expect(answer.hasPrefix("HTTP/1.1 503 Service Unavailable\r\n"))
            #expect(answer.hasSuffix("{\"error\":\"the request took too long\"}"))
            await cancelled.wait()
        }
    }

    @Test("A responder that ignores its cancellation does not keep its client waiting")
    func stubbornResponder() async throws {
        let release = Signal()
        try await TestServer { _ in
            await Task { await release.wait() }.value
            return HTTPResponse(status: .ok)
        }.with { $0.settings.timeouts.responder = .milliseconds(150) }.run { address, _ in
            let answer = try await onThread {
                let client = try TestClient(to: address)
                try client.send(Self.get)
                return try client.receiveTextToEnd()
            }
            #expect(answer.hasPrefix("HTTP/1.1 503 "))
            release.fire()
        }
    }

    @Test("The time of a responder can be changed for a request, from anywhere")
    func changedTimeout() async throws {
        try await TestServer { request in
            if request.head.path == "/loop" {
                request.setTimeout(.milliseconds(100))
            } else {
                await Task.detached { request.setTimeout(.milliseconds(100)) }.value
            }
            try await waitForCancellation()
            return HTTPResponse(status: .ok)
        }.run { address, _ in
            let statuses = try await onThread {
                try ["/loop", "/pool"].map {
                    try TestClient(to: address).exchange("GET \($0) HTTP/1.1\r\nHost: a\r\n\r\n")?.status
                }
            }
            #expect(statuses == [503, 503])
        }
    }

    @Test("The time of a responder that has returned cannot begin again")
    func timeoutAfterReturning() async throws {
        try await TestServer { request in
            HTTPResponse(
                status: .ok,
                body: .stream(length: 4) { writer in
                    request.setTimeout(.milliseconds(50))
                    // The timer of the responder's time would fire before this sleep ends.
                    try await Task.sleep(for: .milliseconds(200))
                    try await writer.write(Array("text".utf8))
                })
        }.run { address, _ in
            let response = try await onThread {
                try TestClient(to: address).exchange("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            }
            #expect(response?.status == 200)
            #expect(response?.body == "text")
        }
    }
}

private final class ClosedObserver: HTTPServerObserver {
    let closed = Signal()

    func connectionClosed() { closed.fire() }
}
