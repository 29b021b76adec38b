import EventLoops
import Glibc
import HTTPServing
import Synchronization
import Testing
import WippyTestClient
import WippyTestTools

@Suite(.timeLimit(.minutes(15)))
struct StopTests {
    private static let get = "GET /n HTTP/1.1\r\nHost: a\r\n\r\n"

    @Test("A stop answers what is under way, with a word of farewell, and closes what is idle")
    func graceful() async throws {
        let (began, release) = (Signal(), Signal())
        try await TestServer { request in
            if request.head.path == "/slow" {
                began.fire()
                await release.wait()
            }
            return HTTPResponse(status: .ok)
        }.run { address, server in
            let (busy, idle, begun) = (
                try TestClient(to: address), try TestClient(to: address), try TestClient(to: address)
            )
            try busy.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n")
            await began.wait()
            _ = try await onThread { try idle.exchange(Self.get) }
            try begun.send("GET /n HT")
            async let stopped: Void = server.stop()
            // The idle connection ends by itself, so the stop has reached every connection.
            #expect(try await onThread { try idle.receiveTextToEnd() } == "")
            try begun.send("TP/1.1\r\nHost: a\r\n\r\n")
            release.fire()
            let answers = try await onThread { [try busy.response(), try begun.response()] }
            await stopped
            #expect(answers.map { $0?.status } == [200, 200])
            #expect(answers.allSatisfy { $0?.has("Connection: close") == true })
            #expect(throws: TestClient.Failure.self) { try TestClient(to: address) }
        }
    }

    @Test("All requests that were sent together before a stop are answered")
    func pipelined() async throws {
        let (began, release) = (Signal(), Signal())
        try await TestServer { request in
            if request.head.path == "/0" {
                began.fire()
                await release.wait()
            }
            return try await TestServer.echo(request)
        }.run { address, server in
            let client = try TestClient(to: address)
            try client.send((0..<5).map { "GET /\($0) HTTP/1.1\r\nHost: a\r\n\r\n" }.joined())
            await began.wait()
            async let stopped: Void = server.stop()
            release.fire()
            let answers = try await onThread { try (0..<6).map { _ in try client.response() } }
            await stopped
            #expect(answers.map { $0?.body } == ["/0", "/1", "/2", "/3", "/4", nil])
        }
    }

    @Test("A stop under load answers everything that it has read and resets nobody", arguments: 0..<5)
    func underLoad(round: Int) async throws {
        try await TestServer { request in
            await Task.yield()
            return try await TestServer.echo(request)
        }.run { address, server in
            let served = Counter()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<4 {
                    group.addTask {
                        try await onThread {
                            // New and kept connections in turn, until the server is no longer there.
                            while let client = try? TestClient(to: address) {
                                for _ in 0..<20 {
                                    guard (try? client.send(Self.get)) != nil else { break }
                                    // An error here would be a reset.
                                    guard let response = try client.response() else { break }
                                    #expect(response.body == "/n")
                                    served.add(1)
                                    if response.has("Connection: close") { return }
                                }
                            }
                        }
                    }
                }
                try await eventually("many are served") { served.value >= 200 + round * 50 }
                await server.stop()
                try await group.waitForAll()
            }
            #expect(server.openConnections == 0)
        }
    }

    @Test("A stop that is cancelled tells clients so, closes what is left and cancels the responders")
    func cancelled() async throws {
        let (began, over) = (Signal(), Signal())
        try await TestServer { _ in
            began.fire()
            do { try await waitForCancellation() } catch { over.fire() }
            return HTTPResponse(status: .ok)
        }.run { address, server in
            let client = try TestClient(to: address)
            try client.send(Self.get)
            await began.wait()
            let stopping = Task { await server.stop() }
            stopping.cancel()
            await stopping.value
            await over.wait()
            let answer = try await onThread { try client.receiveTextToEnd() }
            #expect(answer.hasPrefix("HTTP/1.1 503 "))
            #expect(answer.hasSuffix("{\"error\":\"the server is stopping\"}"))
        }
    }

    @Test("A server is started once, and may be stopped before it starts and twice")
    func misuse() async throws {
        let group = try EventLoopGroup(count: 1)
        let settings = HTTPServerSettings(address: .loopback())
        let server = try HTTPServer(settings, responder: TestServer())
        try await server.start(on: group)
        await #expect(throws: HTTPServerError.alreadyStarted) { try await server.start(on: group) }
        await server.stop()
        await server.stop()
        let other = try HTTPServer(settings, responder: TestServer())
        await other.stop()
        await #expect(throws: HTTPServerError.alreadyStarted) { try await other.start(on: group) }
        await group.shutDown()
    }

    @Test("Each of several stops returns when the port is free")
    func stopsTogether() async throws {
        let group = try EventLoopGroup(count: 1)
        let server = try HTTPServer(HTTPServerSettings(address: .loopback()), responder: TestServer())
        let address = try await server.start(on: group)
        let isHeldUp = Mutex(true)
        let returned = Counter()
        group.next().execute { while isHeldUp.withLock(\.self) { sched_yield() } }
        await withTaskGroup(of: Bool.self) { stops in
            for _ in 0..<2 {
                stops.addTask {
                    await server.stop()
                    returned.add(1)
                    return (try? TestClient(to: address)) == nil
                }
            }
            // The first stop cannot end while the loop is held up. So the other one cannot end either.
            for _ in 0..<10_000 where returned.value == 0 { await Task.yield() }
            isHeldUp.withLock { $0 = false }
            for await isFree in stops { #expect(isFree) }
        }
        await group.shutDown()
    }

    @Test("A port that is taken is an error of the start, after which another may be tried")
    func taken() async throws {
        try await TestServer().run { address, _ in
            let group = try EventLoopGroup(count: 1)
            let server = try HTTPServer(HTTPServerSettings(address: address), responder: TestServer())
            await #expect(throws: SocketError.self) { try await server.start(on: group) }
            await group.shutDown()
        }
    }
}
