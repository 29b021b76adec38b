import Testing

@testable import HTTPServing

struct ResponseFramingTests {
    private func bytes(
        _ status: HTTPStatus = .ok, _ fields: [(HTTPFieldName, String)] = [], framing: ResponseFraming = .none,
        connection: ConnectionOption = .persistent
    ) throws -> String {
        var output: [UInt8] = []
        let head = HTTPResponseHead(status: status, fields: try HTTPFields(fields.map { (name: $0.0, value: $0.1) }))
        output.append(head, framing: framing, connection: connection, date: Array("Date: now\r\n".utf8))
        return String(decoding: output, as: UTF8.self)
    }

    @Test("A head is a status line, the fields in order, and an empty line")
    func head() throws {
        let text = try bytes(.accepted, [("X-A", "b"), (.contentType, "text/plain")], framing: .length(1205))
        #expect(
            text == "HTTP/1.1 202 Accepted\r\nX-A: b\r\nContent-Type: text/plain\r\nDate: now\r\n"
                + "Content-Length: 1205\r\n\r\n")
    }

    @Test("What the server decides is not taken from a responder, apart from the date")
    func reserved() throws {
        let text = try bytes(
            .ok,
            [
                ("content-length", "9"), ("transfer-encoding", "gzip"), ("connection", "x"), ("keep-alive", "x"),
                ("date", "then"),
            ], framing: .chunked, connection: .close)
        #expect(
            text == "HTTP/1.1 200 OK\r\ndate: then\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n")
    }

    @Test("A client of HTTP/1.0 is told that the connection stays")
    func keepAlive() throws {
        #expect(try bytes(connection: .keepAlive).hasSuffix("\r\nConnection: keep-alive\r\n\r\n"))
    }

    @Test("A code without a phrase has one all the same")
    func unknown() throws {
        #expect(try bytes(try #require(HTTPStatus(code: 299))).hasPrefix("HTTP/1.1 299 Unknown\r\n"))
        #expect(HTTPStatus(code: 99) == nil && HTTPStatus(code: 1000) == nil)
    }

    @Test("The framing follows from status, method, version and length")
    func framing() {
        func framing(_ status: HTTPStatus, _ method: HTTPMethod, _ version: HTTPVersion, _ length: Int?)
            -> ResponseFraming
        {
            ResponseFraming(status: status, method: method, version: version, length: length)
        }
        #expect(framing(.ok, .get, .http11, 0) == .length(0))
        #expect(framing(.ok, .get, .http11, nil) == .chunked)
        #expect(framing(.ok, .get, .http10, nil) == .untilClose)
        #expect(framing(.ok, .head, .http11, 5) == .length(5))
        #expect(framing(.ok, .head, .http11, nil) == .none)
        for status in [HTTPStatus.continue, .noContent, .notModified] {
            #expect(framing(status, .get, .http11, 5) == .none)
            #expect(framing(status, .get, .http11, nil) == .none)
        }
    }

    @Test("Chunks have their size in front, and an empty one is none")
    func chunks() {
        var output: [UInt8] = []
        output.append(chunk: Array("hello".utf8))
        output.append(chunk: [])
        output.append(chunk: [UInt8](repeating: 120, count: 26))
        output.appendLastChunk()
        #expect(
            String(decoding: output, as: UTF8.self)
                == "5\r\nhello\r\n1a\r\n\(String(repeating: "x", count: 26))\r\n0\r\n\r\n")
    }

    @Test(
        "The date has the form that RFC 9110 prescribes",
        arguments: [
            (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"), (0, "Thu, 01 Jan 1970 00:00:00 GMT"),
            (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"), (4_107_542_399, "Sun, 28 Feb 2100 23:59:59 GMT"),
            (4_107_542_400, "Mon, 01 Mar 2100 00:00:00 GMT"), (1_735_689_599, "Tue, 31 Dec 2024 23:59:59 GMT"),
        ])
    func date(second: Int, text: String) {
        #expect(String(decoding: HTTPDate(second: second).line, as: UTF8.self) == "Date: \(text)\r\n")
    }
}

struct MessageFramingTests {
    private func framing(_ text: String) throws -> MessageFraming {
        var parser = RequestParser()
        var offset = 0
        guard case .head(_, let framing) = parser.next(Array("\(text)\r\n\r\n".utf8).span, at: &offset) else {
            throw RequestFailure.malformed(text)
        }
        return framing
    }

    @Test(
        "HTTP/1.1 keeps the connection unless told to close, HTTP/1.0 closes unless told to keep",
        arguments: [
            ("GET / HTTP/1.1\r\nHost: a", true), ("GET / HTTP/1.1\r\nHost: a\r\nConnection: close", false),
            ("GET / HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, CLOSE", false),
            ("GET / HTTP/1.1\r\nHost: a\r\nConnection: x\r\nconnection: close", false),
            ("GET / HTTP/1.1\r\nHost: a\r\nConnection: closed", true), ("GET / HTTP/1.0", false),
            ("GET / HTTP/1.0\r\nConnection: Keep-Alive", true),
            ("GET / HTTP/1.0\r\nConnection: keep-alive,close", false),
            ("GET / HTTP/1.0\r\nConnection: x,,keep-alive ,", true),
        ])
    func keepAlive(text: String, keeps: Bool) throws {
        #expect(try framing(text).keepsAlive == keeps)
    }

    @Test("A client waits to be told to go on only in HTTP/1.1 and with a body")
    func expectation() throws {
        let expect = "Expect: 100-continue"
        #expect(try framing("POST / HTTP/1.1\r\nHost: a\r\n\(expect)\r\nContent-Length: 5").expectsContinue)
        #expect(try framing("POST / HTTP/1.1\r\nHost: a\r\n\(expect)\r\nTransfer-Encoding: chunked").expectsContinue)
        #expect(try !framing("POST / HTTP/1.1\r\nHost: a\r\n\(expect)").expectsContinue)
        #expect(try !framing("POST / HTTP/1.1\r\nHost: a\r\n\(expect)\r\nContent-Length: 0").expectsContinue)
        #expect(try !framing("POST / HTTP/1.0\r\n\(expect)\r\nContent-Length: 5").expectsContinue)
    }
}
