/// Reads the answer to one request as its bytes come: HTTP/1.1 or HTTP/1.0 (RFC 9112).
///
/// What leaves open where the answer ends, and so what belongs to it, is an error.
struct ResponseParser {
    enum Event: Equatable {
        case head(HTTPResponseHead)
        /// A piece of the content, never empty.
        case content([UInt8])
        case end
    }

    private enum State {
        case head
        /// So many bytes of content are to come.
        case content(Int)
        /// What stands between chunks.
        case framing
        case chunk(Int)
        case trailers
        /// The content ends with the connection.
        case untilEnd
        case done
    }

    /// How long a head may be.
    static let headBytesMax = 64 * 1024

    private let hasContent: Bool
    private var state = State.head
    /// What has come of a head or of trailers.
    private var held: [UInt8] = []
    /// How much of it has been looked through, so that what comes byte by byte costs as much as what comes at once.
    private var searched = 0
    private var chunks = ChunkScanner()

    init(to method: HTTPMethod) {
        hasContent = method != .head
    }

    /// Takes the next bytes.
    mutating func read(_ bytes: [UInt8]) throws(HTTPAnswerError) -> [Event] {
        var events: [Event] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            switch state {
            case .head:
                held += rest
                rest = []
                guard let end = findHeadEnd() else {
                    guard held.count < Self.headBytesMax else { throw .malformed("the head is longer than 64 KiB") }
                    return events
                }
                let head = try Self.head(held[..<end.lowerBound])
                rest = held[end.upperBound...]
                (held, searched) = ([], 0)
                // An interim answer precedes the real one.
                if head.status.code < 200 { continue }
                events.append(.head(head))
                state = try self.content(after: head)
                if case .done = state { events.append(.end) }
            case .content(let count):
                let left = take(count, of: &rest, to: &events)
                state = left > 0 ? .content(left) : .done
                if left == 0 { events.append(.end) }
            case .chunk(let count):
                let left = take(count, of: &rest, to: &events)
                state = left > 0 ? .chunk(left) : .framing
                if left == 0 { chunks.finishData() }
            case .framing:
                try readFraming(&rest)
            case .trailers:
                held += rest
                rest = []
                // They end with an empty line, which may be all there is.
                guard held.starts(with: "\r\n".utf8) || findHeadEnd() != nil else {
                    guard held.count < Self.headBytesMax else { throw .malformed("the trailers are too long") }
                    return events
                }
                state = .done
                events.append(.end)
            case .untilEnd:
                events.append(.content(Array(rest)))
                rest = []
            case .done:
                // Nobody has asked for more.
                rest = []
            }
        }
        return events
    }

    /// Takes the end of the connection.
    mutating func readEnd() throws(HTTPAnswerError) -> [Event] {
        switch state {
        case .done: return []
        case .untilEnd:
            state = .done
            return [.end]
        default: throw .cutOff
        }
    }

    /// Takes content of which so much is to come.
    ///
    /// - Returns: how much is to come then.
    private func take(_ count: Int, of rest: inout ArraySlice<UInt8>, to events: inout [Event]) -> Int {
        let piece = rest.prefix(count)
        rest = rest.dropFirst(piece.count)
        events.append(.content(Array(piece)))
        return count - piece.count
    }

    private mutating func readFraming(_ rest: inout ArraySlice<UInt8>) throws(HTTPAnswerError) {
        var offset = 0
        let outcome = chunks.scan(rest.span, at: &offset)
        rest = rest.dropFirst(offset)
        switch outcome {
        case .needsMore: return
        case .chunk(0): state = .trailers
        case .chunk(let count): state = .chunk(count)
        case .failed: throw .malformed("its chunks are malformed")
        }
    }

    /// What follows a head (RFC 9112, section 6.3).
    private func content(after head: HTTPResponseHead) throws(HTTPAnswerError) -> State {
        guard hasContent, !head.status.forbidsContent else { return .done }
        if let coding = head.fields[.transferEncoding] {
            guard coding.utf8.map(Grammar.lowercased).elementsEqual("chunked".utf8) else {
                throw .malformed("its transfer coding '\(coding)' is unknown")
            }
            return .framing
        }
        let lengths = Set(head.fields.values(of: .contentLength))
        guard let text = lengths.first else { return .untilEnd }
        guard lengths.count == 1, text.utf8.allSatisfy(Grammar.isDigit), let length = Int(text) else {
            throw .malformed("its Content-Length '\(text)' is invalid")
        }
        return length == 0 ? .done : .content(length)
    }

    /// Where the empty line stands that ends what is held, with the end of the line before it.
    private mutating func findHeadEnd() -> Range<Int>? {
        guard let start = Grammar.offset(of: Grammar.emptyLine, in: held.span, from: searched) else {
            searched = max(searched, held.count - Grammar.emptyLine.count + 1)
            return nil
        }
        return start..<start + Grammar.emptyLine.count
    }

    /// A status line, then fields.
    private static func head(_ bytes: ArraySlice<UInt8>) throws(HTTPAnswerError) -> HTTPResponseHead {
        let lineEnd = bytes.firstIndex(of: Grammar.cr) ?? bytes.endIndex
        let words = bytes[..<lineEnd].split(separator: Grammar.space, maxSplits: 2)
        guard words.count >= 2, words[0].starts(with: "HTTP/1.".utf8), words[1].count == 3,
            let status = Int(String(decoding: words[1], as: UTF8.self)).flatMap({ HTTPStatus(code: $0) })
        else { throw .malformed("its first line is not a status line") }
        guard let fields = HTTPFields(lines: bytes[lineEnd...]) else {
            throw .malformed("a line of its head is not a header field")
        }
        return HTTPResponseHead(status: status, fields: fields)
    }
}

extension HTTPFields {
    /// The fields of the lines of a head that somebody else has sent; nil if a line is none.
    init?(lines: ArraySlice<UInt8>) {
        self.init()
        for line in lines.split(separator: Grammar.lf) {
            let line = line.last == Grammar.cr ? line.dropLast() : line
            if line.isEmpty { continue }
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")),
                let name = HTTPFieldName(String(decoding: line[..<colon], as: UTF8.self)),
                (try? append(name, String(decoding: line[(colon + 1)...], as: UTF8.self))) != nil
            else { return nil }
        }
    }
}

/// Why an answer cannot be read.
package enum HTTPAnswerError: Error, Sendable, Hashable, CustomStringConvertible {
    /// It is no answer of HTTP/1.1.
    case malformed(String)
    /// The connection ended before it.
    case cutOff

    /// A sentence for the log.
    package var description: String {
        switch self {
        case .malformed(let problem): "the answer is malformed: \(problem)"
        case .cutOff: "the connection ended before the answer was complete"
        }
    }
}
