import EventLoops
import HTTPServing
import Testing
import WippyTestClient

@Suite(.timeLimit(.minutes(15)))
struct VanishingClientTests {
    private static let get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"

    private enum Leaving: CaseIterable {
        case closing
        case reset
    }

    private func leave(_ client: inout TestClient?, _ how: Leaving) {
        if how == .reset { client?.reset() }
        client = nil
    }

    @Test("A responder is cancelled when its client goes away", arguments: Leaving.allCases)
    private func whileResponding(how: Leaving) async throws {
        let (began, cancelled) = (Signal(), Signal())
        try await TestServer { _ in
            began.fire()
            do { try await waitForCancellation() } catch { cancelled.fire() }
            return HTTPResponse(status: .ok)
        }.run { address, _ in
            var client: TestClient? = try TestClient(to: address)
            try client?.send(Self.get)
            await began.wait()
            leave(&client, how)
            await cancelled.wait()
        }
    }

    @Test("A responder that reads a body hears that its client went away", arguments: Leaving.allCases)
    private func midBody(how: Leaving) async throws {
        let (began, failed) = (Signal(), Signal())
        try await TestServer { request in
            do {
                for try await _ in request.body { began.fire() }
            } catch {
                try? await waitForCancellation()
                failed.fire()
                throw error
            }
            return HTTPResponse(status: .ok)
        }.run { address, _ in
            var client: TestClient? = try TestClient(to: address)
            try client?.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nx")
            await began.wait()
            leave(&client, how)
            await failed.wait()
        }
    }

    @Test("A responder that does not read at the moment is cancelled, with part of the body there")
    func midBodyUnread() async throws {
        let (began, cancelled) = (Signal(), Signal())
        try await TestServer { _ in
            began.fire()
            do { try await waitForCancellation() } catch { cancelled.fire() }
            return HTTPResponse(status: .ok)
        }.run { address, _ in
            var client: TestClient? = try TestClient(to: address)
            try client?.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nx")
            await began.wait()
            leave(&client, .closing)
            await cancelled.wait()
        }
    }

    @Test("A writer hears that its client went away, and its task is cancelled", arguments: Leaving.allCases)
    private func midAnswer(how: Leaving) async throws {
        let (began, failed) = (Signal(), Signal())
        try await TestServer { _ in
            HTTPResponse(
                status: .ok,
                body: .stream(length: nil) { writer in
                    do {
                        while true {
                            try await writer.write([UInt8](repeating: 120, count: 65_536))
                            began.fire()
                        }
                    } catch {
                        try? await waitForCancellation()
                        failed.fire()
                        throw error
                    }
                })
        }.run { address, _ in
            var client: TestClient? = try TestClient(to: address)
            try client?.send(Self.get)
            await began.wait()
            leave(&client, how)
            await failed.wait()
        }
    }

    @Test("A client that closes only its sending direction gets all its answers")
    func halfClose() async throws {
        let release = Signal()
        try await TestServer { request in
            await release.wait()
            return try await TestServer.echo(request)
        }.run { address, _ in
            let client = try TestClient(to: address)
            try client.send(
                "GET /a HTTP/1.1\r\nHost: a\r\n\r\nPOST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n:b")
            client.finishSending()
            release.fire()
            release.fire()
            let answers = try await onThread { (0..<3).map { _ in try? client.response() } }
            #expect(answers.map { $0?.body } == ["/a", ":b", nil])
        }
    }

    @Test("A responder that reads a body that its client cut off goes on, and its answer reaches the client")
    func cutBody() async throws {
        try await TestServer { request in
            var text = "whole"
            do throws(HTTPBodyError) {
                _ = try await request.body.collect()
            } catch {
                text = "\(error.status.code) \(error)"
            }
            try Task.checkCancellation()
            return HTTPResponse(status: .ok, body: .bytes(Array(text.utf8)))
        }.run { address, _ in
            let client = try TestClient(to: address)
            try client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc")
            client.finishSending()
            let answer = try await onThread { try client.response() }
            #expect(answer?.status == 200 && answer?.body == "400 the request is incomplete")
            #expect(answer?.has("Connection: close") == true)
        }
    }
}
