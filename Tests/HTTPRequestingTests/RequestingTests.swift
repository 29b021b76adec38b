import EventLoops
import HTTPRequesting
import HTTPServing
import Testing

/// Requests, and the answers of servers.
@Suite("Requests to other servers")
struct RequestingTests {
    /// The answer of a server that sends these bytes to whoever connects.
    private func response(_ text: String, on group: EventLoopGroup) async throws -> IncomingResponse {
        let listener = try await Listener(on: .loopback(), group: group)
        listener.start { connection in
            connection.handler = EndingHandler(connection)
            connection.write(Array(text.utf8))
            connection.finishWriting()
            connection.startReading()
        }
        let request = try OutgoingRequest(
            .get, "/", at: listener.localAddress, host: "a", fields: HTTPFields(), body: [])
        let response = try await request.send(on: group.next())
        await listener.stop()
        return response
    }

    @Test("The length of the content is what each line says, if several lines say the same")
    func repeatedLength() async throws {
        let group = try EventLoopGroup(count: 1)
        for (lines, length) in [("Content-Length: 5\r\nContent-Length: 5\r\n", 5), ("Connection: close\r\n", nil)] {
            let response = try await response("HTTP/1.1 200 OK\r\n\(lines)\r\nhello", on: group)
            #expect(response.contentLength == length)
            var content: [UInt8] = []
            while let piece = try await response.next() { content += piece }
            #expect(content == Array("hello".utf8))
        }
        await group.shutDown()
    }

    @Test("A request on a loop that has ended fails", .timeLimit(.minutes(15)))
    func endedLoop() async throws {
        let group = try EventLoopGroup(count: 1)
        let loop = group.next()
        await group.shutDown()
        let request = try OutgoingRequest(
            .get, "/", at: .loopback(port: 1), host: "a", fields: HTTPFields(), body: [])
        await #expect(throws: SocketError.loopsShutDown) { try await request.send(on: loop) }
    }

    @Test("An address has a host, a port and a target in visible ASCII; what is none says why")
    func addresses() throws {
        let address = try WebAddress("HTTP://example.com:8080/a b/é?q=1#part")
        #expect(address.host == "example.com:8080" && address.address.port == 8080)
        #expect(address.target == "/a%20b/%C3%A9?q=1")
        #expect(try WebAddress("http://[::1]").address.port == 80)
        #expect(try WebAddress("http://localhost?q").target == "/?q")
        for text in ["https://a/", "ftp://a/", "a/b", "http://", "http://:80/", "http://u:p@a/", "http://a:99999/"] {
            #expect(throws: WebAddress.Misspelling.self, "\(text)") { try WebAddress(text) }
        }
    }

    @Test(
        "A redirection leads to an address, to a path, or on from here",
        arguments: [
            ("http://b/x", "http://b/x"), ("//b/x", "http://b/x"), ("/x?y", "http://a:81/x?y"),
            ("x", "http://a:81/dir/x"), ("?y", "http://a:81/dir/file?y"),
        ])
    func redirections(_ location: String, _ expected: String) throws {
        #expect(try WebAddress("http://a:81/dir/file?q=/").following(location).description == expected)
    }
}

/// Closes its connection when the peer has ended.
private final class EndingHandler: ConnectionHandler {
    private let connection: Connection

    init(_ connection: Connection) {
        self.connection = connection
    }

    func received(_ bytes: Span<UInt8>) {}
    func receivedEnd() { connection.close() }
    func drained() {}
    func closed(_ error: SocketError?) {}
}
