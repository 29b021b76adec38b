import Testing
import WippyTestTools

@testable import HTTPServing

struct RequestParserTests {
    static let cases = (try? RawCase.all.get()) ?? []

    @Test("There are cases, and their files are well-formed")
    func thereAreSome() throws {
        #expect(try RawCase.all.get().count > 800)
    }

    @Test(
        "A file that is not well-formed is not read",
        arguments: [
            "GET /", "== A\nGET /", "== A\nGET /\n== B\n-- 400", "== A\nGET / \n-- 400", "==\n-- 400", "-- 400",
            "== A\n<< GET\n-- 400", "== A\n\n-- 400", "== A\n\\q\n-- 400", "== A\n\\x+4\n-- 400", "== A\n\\\n-- 400",
            "== A\n\\{a\n-- 400", "== A\n\\{a*}\n-- 400", "== A\n\\{a*2\n-- 400", "== A\n\t\n-- 400", "#A",
        ])
    func malformed(_ text: String) {
        #expect(throws: RawCase.Malformed.self) { try RawCase.read(text, name: "a.txt") }
    }

    @Test("What a file says is what is read")
    func form() throws {
        let text = #"""
            # A comment.
            << a\r
            >> \n

            == A title
            b \x00\t\\
            \{c\{d*2}*2}\x20
            -- GET / | body a\r\nb | end

            <<
            == Another
            --
            """#
        let cases = try RawCase.read(text, name: "a.txt")
        #expect(cases.map(\.title) == ["A title", "Another"])
        #expect(cases.map(\.bytes) == [Array("a\rb \0\t\\cddcdd \n".utf8), Array("\n".utf8)])
        #expect(cases.map(\.expected) == [["GET /", "body a\r\nb", "end"], []])
    }

    @Test("A message is read, or refused with its status", arguments: cases)
    func whole(_ raw: RawCase) {
        var parser = RequestParser(limits: RawCase.limits)
        #expect(parser.events([raw.bytes[...]]) == raw.expected)
    }

    @Test("A message in pieces of one to three bytes gives the same events", arguments: cases)
    func dripped(_ raw: RawCase) {
        for length in 1...3 {
            var parser = RequestParser(limits: RawCase.limits)
            #expect(parser.events(raw.bytes.pieces(of: length)) == raw.expected)
        }
    }

    @Test("A message cut at any place, a long one at 500 places, gives the same events", arguments: cases)
    func cut(_ raw: RawCase) {
        for place in stride(from: 0, to: raw.bytes.count, by: max(1, raw.bytes.count / 500)) {
            var parser = RequestParser(limits: RawCase.limits)
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
            var parser = RequestParser(limits: RawCase.limits)
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
    @Test("The bound of a body can be changed once its head is read, for this message alone")
    func changedBodyLimit() {
        let message = Array("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello".utf8)
        var limits = RequestLimits()
        limits.bodyBytes = 1
        var parser = RequestParser(limits: limits)
        var offset = 0
        guard case .head = parser.next(message.span, at: &offset) else { return #expect(Bool(false), "no head") }
        parser.maxBodyBytes = 5
        #expect(parser.events([message[offset...]]) == ["body hello", "end"])
        #expect(parser.events([message[...]]) == ["POST /", "413"])
    }

    @Test("Other limits are those of the messages that begin after them, wherever one is cut", arguments: 0...106)
    func otherLimits(cut: Int) {
        let field = "X: \(String(repeating: "y", count: 50))"
        let message = Array("POST / HTTP/1.1\r\nHost: a\r\n\(field)\r\nContent-Length: 4\r\n\r\nabcd".utf8)
        var narrow = RequestLimits()
        (narrow.headerBytes, narrow.bodyBytes) = (40, 0)
        var parser = RequestParser()
        var events = parser.events([message[..<cut]])
        parser.limit(to: narrow)
        events += parser.events([message[cut...], message[...]])
        #expect(events.last == "431")
        #expect(events.contains("end") == (cut > 0))
    }

    @Test("A dripped head is read in time that is linear in its length")
    func linear() {
        func duration(_ count: Int) -> Duration {
            var limits = RequestLimits()
            (limits.headerBytes, limits.headerFields) = (16 << 20, 1_000_000)
            let fields = String(repeating: "X-Field: some value\r\n", count: count)
            let bytes = Array("GET / HTTP/1.1\r\nHost: a\r\n\(fields)\r\n".utf8).pieces(of: 1)
            return processorTime {
                var parser = RequestParser(limits: limits)
                #expect(parser.events(bytes) == ["GET /", "end"])
            }
        }
        _ = duration(100)
        // Quadratic would be 64 times as long.
        #expect(duration(8000) < duration(1000) * 30)
    }

    @Test("The least limit and the greatest are limits like others", arguments: [0, .max])
    func extreme(headerBytes: Int) {
        var limits = RequestLimits()
        limits.headerBytes = headerBytes
        var parser = RequestParser(limits: limits)
        let message = Array("GET / HTTP/1.1\r\nHost: a\r\n\r\n".utf8).pieces(of: 1)
        #expect(parser.events(message) == (headerBytes == 0 ? ["414"] : ["GET /", "end"]))
    }
}
