import EventLoops
import Testing

@testable import HTTPServing

/// Answers of servers, as their bytes come.
@Suite("Requests to other servers")
struct RequestingTests {
    /// What a parser says of an answer that comes in pieces of so many bytes: its content, or why there is none.
    private func read(_ text: String, by size: Int, to method: HTTPMethod = .get) -> String {
        var parser = ResponseParser(to: method)
        var content: [UInt8] = []
        var status = 0
        var hasEnded = false
        func take(_ events: [ResponseParser.Event]) {
            for event in events {
                switch event {
                case .head(let head): status = head.status.code
                case .content(let piece): content += piece
                case .end: hasEnded = true
                }
            }
        }
        do throws(HTTPResponseError) {
            var rest = Array(text.utf8)[...]
            while !rest.isEmpty {
                take(try parser.read(Array(rest.prefix(size))))
                rest = rest.dropFirst(size)
            }
            take(try parser.readEnd())
        } catch {
            return "\(error)"
        }
        return "\(status) \(String(decoding: content, as: UTF8.self)) \(hasEnded)"
    }

    @Test(
        "An answer ends where its head says, or with the connection",
        arguments: [
            ("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabcd", "200 abc true"),
            ("HTTP/1.0 404\r\n\r\nrest", "404 rest true"),
            ("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No\r\nContent-Length: 3\r\n\r\n", "204  true"),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n2\r\nab\r\n1;x=y\r\nc\r\n0\r\n\r\n", "200 abc true"),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nA: b\r\n\r\n", "200 a true"),
            ("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "200  true"),
        ])
    func ends(_ text: String, _ expected: String) {
        for size in [1, 3, 1000] { #expect(read(text, by: size) == expected) }
    }

    @Test("To a HEAD comes no content, whatever the head announces")
    func head() {
        #expect(read("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n", by: 1000, to: .head) == "200  true")
    }

    @Test(
        "What is no answer, or not all of one, is an error",
        arguments: [
            ("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab", "ended before"),
            ("HTTP/1.1 200 OK\r\nContent-Le", "ended before"),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab", "ended before"),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx", "chunks are malformed"),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n", "coding 'gzip' is unknown"),
            ("HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\n", "is invalid"),
            ("HTTP/1.1 200 OK\r\nContent-Length: -3\r\n\r\n", "is invalid"),
            ("HTTP/2 200\r\n\r\n", "not a status line"),
            ("HTTP/1.1 20 OK\r\n\r\n", "not a status line"),
            ("HTTP/1.1 200 OK\r\nno field\r\n\r\n", "is not a header"),
            ("HTTP/1.1 200 OK\r\nA: \(String(repeating: "x", count: 70_000))", "longer than 64 KiB"),
        ])
    func refuses(_ text: String, _ reason: String) {
        let outcome = read(text, by: 1000)
        #expect(outcome.contains(reason), "\(outcome)")
    }

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

    @Test("A media type's parameters are found by name, in quotation marks or not")
    func mediaTypes() {
        let type = MediaType("Form-Data ; name=a; File=\"x; \\\"y\\\" c:\\z\" ; empty=")
        #expect(type.name == "form-data" && type["name"] == "a" && type["empty"] == "")
        #expect(type["file"] == "x; \"y\" c:\\z" && type["other"] == nil)
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
