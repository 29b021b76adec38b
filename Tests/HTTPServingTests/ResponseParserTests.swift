import Testing

@testable import HTTPServing

/// Answers of servers, as their bytes come.
@Suite("The parser of answers")
struct ResponseParserTests {
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
            ("HTTP/1.1 200 OK\r\nA: \(String(repeating: "x", count: 70_000))", "longer than 65536 bytes"),
        ])
    func refuses(_ text: String, _ reason: String) {
        let outcome = read(text, by: 1000)
        #expect(outcome.contains(reason), "\(outcome)")
    }
}
