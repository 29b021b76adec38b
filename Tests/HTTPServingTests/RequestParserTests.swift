import Testing

@testable import HTTPServing

struct RequestParserTests {
    static let limits = RequestLimits(bodyBytes: 1_000_000)
    static let cases = RawCase.requestLines + RawCase.fields + RawCase.chunks

    @Test("A message is read, or refused with its status", arguments: cases)
    func whole(_ raw: RawCase) {
        var parser = RequestParser(limits: Self.limits)
        #expect(parser.events([raw.bytes[...]]) == raw.expected)
    }

    @Test("A message in pieces of one to three bytes gives the same events", arguments: cases)
    func dripped(_ raw: RawCase) {
        for length in 1...3 {
            var parser = RequestParser(limits: Self.limits)
            #expect(parser.events(raw.bytes.pieces(of: length)) == raw.expected)
        }
    }

    @Test("A message cut at any place gives the same events", arguments: cases)
    func cut(_ raw: RawCase) {
        for place in raw.bytes.indices {
            var parser = RequestParser(limits: Self.limits)
            let events = parser.events([raw.bytes[..<place], raw.bytes[place...]])
            #expect(events == raw.expected, "cut at \(place)")
        }
    }

    @Test("Messages one after another are read as they are one by one, wherever they are cut")
    func pipelined() {
        let messages = Self.cases.filter { $0.expected.last == "end" }
        let bytes = messages.flatMap(\.bytes)
        let expected = messages.flatMap(\.expected)
        for length in [1, 7, 64, 1000, bytes.count] {
            var parser = RequestParser(limits: Self.limits)
            #expect(parser.events(bytes.pieces(of: length)) == expected)
        }
    }

    @Test("After a failure nothing is read as a request")
    func failureLasts() {
        var parser = RequestParser()
        #expect(parser.events([Array("GET\r\n".utf8)[...]]) == ["400"])
        #expect(parser.events([Array("GET / HTTP/1.1\r\nHost: a\r\n\r\n".utf8)[...]]) == ["400"])
    }
}

struct RequestLimitTests {
    private func status(_ text: String, _ limits: RequestLimits, pieces length: Int) -> String? {
        var parser = RequestParser(limits: limits)
        return parser.events(Array(text.utf8).pieces(of: length)).last
    }

    private func expect(_ expected: String, _ text: String, _ limits: RequestLimits = RequestLimits()) {
        for length in [1, 1000, text.utf8.count] {
            #expect(status(text, limits, pieces: length) == expected)
        }
    }

    @Test("A head of exactly its bound is read, one byte more is 431")
    func headerBytes() {
        let frame = "GET / HTTP/1.1\r\nHost: a\r\nX: \r\n\r\n".utf8.count
        let limits = RequestLimits(headerBytes: 1000)
        for (length, expected) in [(1000, "end"), (1001, "431"), (5000, "431")] {
            let filler = String(repeating: "x", count: length - frame)
            expect(expected, "GET / HTTP/1.1\r\nHost: a\r\nX: \(filler)\r\n\r\n", limits)
        }
    }

    @Test("A target past the bound of the head is 414")
    func targetTooLong() {
        expect("414", "GET /\(String(repeating: "x", count: 40_000)) HTTP/1.1\r\nHost: a\r\n\r\n")
        expect("414", String(repeating: "x", count: 40_000))
    }

    @Test("100 fields are read, 101 are 431")
    func headerFields() {
        for (count, expected) in [(100, "end"), (101, "431")] {
            let fields = (1..<count).map { "X-\($0): a\r\n" }.joined()
            expect(expected, "GET / HTTP/1.1\r\nHost: a\r\n\(fields)\r\n")
        }
    }

    @Test("A body of exactly its bound is read, one byte more is 413")
    func body() {
        let limits = RequestLimits(bodyBytes: 10)
        for (length, expected) in [(10, "end"), (11, "413")] {
            let body = String(repeating: "x", count: length)
            expect(expected, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: \(length)\r\n\r\n\(body)", limits)
            let size = String(length - 5, radix: 16)
            let chunks = "5\r\nhello\r\n\(size)\r\n\(body.dropFirst(5))\r\n0\r\n\r\n"
            expect(expected, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n\(chunks)", limits)
        }
    }

    @Test("The bound of a body can be changed once its head is read, for this message alone")
    func changedBodyLimit() {
        let message = Array("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello".utf8)
        var parser = RequestParser(limits: RequestLimits(bodyBytes: 1))
        var offset = 0
        guard case .head = parser.next(message.span, at: &offset) else { return #expect(Bool(false), "no head") }
        parser.bodyBytesMax = 5
        #expect(parser.events([message[offset...]]) == ["body hello", "end"])
        #expect(parser.events([message[...]]) == ["POST /", "413"])
    }

    @Test("The extensions of all chunks together have a bound")
    func chunkExtensions() {
        let head = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
        expect("400", head + "1;\(String(repeating: "x", count: 9000))\r\n!\r\n0\r\n\r\n")
        expect("400", head + String(repeating: "1;\(String(repeating: "x", count: 100))\r\n!\r\n", count: 100))
        expect(
            "end", head + String(repeating: "1;\(String(repeating: "x", count: 50))\r\n!\r\n", count: 100) + "0\r\n\r\n"
        )
    }

    @Test("A trailer section past its bound is 400")
    func trailers() {
        let head = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n"
        expect("400", head + "X: \(String(repeating: "x", count: 9000))\r\n\r\n")
        expect("400", head + String(repeating: "X: y\r\n", count: 101) + "\r\n")
        expect("end", head + String(repeating: "X: y\r\n", count: 100) + "\r\n")
    }

    @Test("A dripped head is read in time that is linear in its length")
    func linear() {
        let clock = ContinuousClock()
        func duration(_ count: Int) -> Duration {
            let limits = RequestLimits(headerBytes: 16 << 20, headerFields: 1_000_000)
            let fields = String(repeating: "X-Field: some value\r\n", count: count)
            let bytes = Array("GET / HTTP/1.1\r\nHost: a\r\n\(fields)\r\n".utf8).pieces(of: 1)
            return clock.measure {
                var parser = RequestParser(limits: limits)
                #expect(parser.events(bytes) == ["GET /", "end"])
            }
        }
        _ = duration(100)
        // Quadratic would be 64 times as long; the margin is for a busy machine.
        #expect(duration(8000) < duration(1000) * 30)
    }

    @Test("A limit that no head could have is taken for the nearest that one can")
    func silly() {
        #expect(RequestLimits(headerBytes: 0).headerBytes == 256)
        #expect(RequestLimits(headerBytes: .max).headerBytes == 16 << 20)
    }
}
