import Testing

@testable import HTTPServing

/// Bytes that a client sends, and what the parser has to say about them.
struct RawCase: CustomTestStringConvertible {
    let title: String
    let bytes: [UInt8]
    let expected: [String]

    /// - Parameters:
    ///   - input: Every scalar below 256 is one byte.
    ///   - expected: Per event: `GET /target`, `body …`, `end`, or a failure's status.
    init(_ title: String, _ input: String, _ expected: String...) {
        self.init(title, input, expected)
    }

    /// A request line on its own, in a head that is valid otherwise.
    static func line(_ title: String, _ line: String, _ expected: String...) -> RawCase {
        RawCase(title, "\(line)\r\nHost: a\r\n\r\n", expected)
    }

    /// A field line on its own, in a head that is valid otherwise.
    static func field(_ title: String, _ field: String, _ expected: String...) -> RawCase {
        RawCase(title, "GET / HTTP/1.1\r\nHost: a\r\n\(field)\r\n\r\n", expected)
    }

    /// A message with these fields and what follows them.
    static func post(_ title: String, _ fields: String, _ rest: String, _ expected: String...) -> RawCase {
        RawCase(title, "POST / HTTP/1.1\r\n\(fields)\r\n\r\n\(rest)", expected)
    }

    /// A chunked body, in a message that is valid otherwise.
    static func chunked(_ title: String, _ body: String, _ expected: String...) -> RawCase {
        RawCase(
            title, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n\(body)", ["POST /"] + expected)
    }

    private init(_ title: String, _ input: String, _ expected: [String]) {
        self.title = title
        bytes = input.unicodeScalars.map { UInt8($0.value) }
        self.expected = expected
    }

    var testDescription: String { title }
}

extension RequestParser {
    /// What comes out when the bytes are shown piece by piece, the pieces of a body joined.
    ///
    /// Says "unused" if the parser asks for more without having used what it was shown.
    mutating func events(_ pieces: [ArraySlice<UInt8>]) -> [String] {
        var events: [String] = []
        var body: [UInt8] = []
        func finishBody() {
            if !body.isEmpty { events.append("body " + String(decoding: body, as: UTF8.self)) }
            body = []
        }
        for piece in pieces {
            var offset = 0
            reading: while true {
                switch next(piece.span, at: &offset) {
                case .needsMore:
                    if offset != piece.count { events.append("unused") }
                    break reading
                case .head(let head, _): events.append("\(head.method) \(head.requestTarget)")
                case .body(let range): body += piece.dropFirst(range.lowerBound).prefix(range.count)
                case .end:
                    finishBody()
                    events.append("end")
                case .failed(let failure):
                    finishBody()
                    return events + ["\(failure.status.code)"]
                }
            }
        }
        finishBody()
        return events
    }
}

extension Array {
    /// The elements in slices of this length, the last one shorter.
    func pieces(of length: Int) -> [ArraySlice<Element>] {
        stride(from: 0, to: count, by: length).map { self[$0..<Swift.min($0 + length, count)] }
    }
}
