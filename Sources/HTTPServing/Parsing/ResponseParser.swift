import WippyText

/// Parses the answer to one request as its bytes arrive: HTTP/1.1 or HTTP/1.0 (RFC 9112).
///
/// If the end of an answer is unclear, the answer is an error, because nobody knows which bytes belong to it.
package struct ResponseParser {
    /// A part of an answer.
    package enum Event: Equatable {
        case head(HTTPResponseHead)
        /// A piece of the content, never empty.
        case content([UInt8])
        case end
    }

    private enum State {
        case head
        /// The number of bytes of content that are still to come.
        case content(Int)
        /// The bytes between chunks.
        case framing
        case chunk(Int)
        case trailers
        /// The content ends when the connection ends.
        case untilEnd
        case done
    }

    /// The largest number of bytes in a head: 64 KiB.
    static let maxHeadBytes = 64 * 1024

    private let hasContent: Bool
    private var state = State.head
    /// The bytes of an incomplete head, or of trailers.
    private var held: [UInt8] = []
    /// The number of held bytes that have been searched.
    ///
    /// With it, an answer that arrives byte by byte costs as much as an answer that arrives at once.
    private var searched = 0
    private var chunks = ChunkScanner()

    package init(to method: HTTPMethod) {
        hasContent = method != .head
    }

    /// Reads the next bytes.
    package mutating func read(_ bytes: [UInt8]) throws(HTTPResponseError) -> [Event] {
        var events: [Event] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            switch state {
            case .head:
                held += rest
                rest = []
                guard let end = findHeadEnd() else {
                    guard held.count < Self.maxHeadBytes else {
                        throw .malformed("the head is longer than \(Self.maxHeadBytes) bytes")
                    }
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
                // Trailers end with an empty line. There may be nothing before it.
                guard held.starts(with: "\r\n".utf8) || findHeadEnd() != nil else {
                    guard held.count < Self.maxHeadBytes else { throw .malformed("the trailers are too long") }
                    return events
                }
                state = .done
                events.append(.end)
            case .untilEnd:
                events.append(.content(Array(rest)))
                rest = []
            case .done:
                // No further request was sent, so further bytes belong to no answer.
                rest = []
            }
        }
        return events
    }

    /// Reads the end of the connection.
    package mutating func readEnd() throws(HTTPResponseError) -> [Event] {
        switch state {
        case .done: return []
        case .untilEnd:
            state = .done
            return [.end]
        default: throw .cutOff
        }
    }

    /// Takes the next piece of content, of which `count` bytes are left.
    ///
    /// - Returns: the number of bytes that are still to come.
    private func take(_ count: Int, of rest: inout ArraySlice<UInt8>, to events: inout [Event]) -> Int {
        let piece = rest.prefix(count)
        rest = rest.dropFirst(piece.count)
        events.append(.content(Array(piece)))
        return count - piece.count
    }

    private mutating func readFraming(_ rest: inout ArraySlice<UInt8>) throws(HTTPResponseError) {
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

    /// The state after a head (RFC 9112, section 6.3).
    private func content(after head: HTTPResponseHead) throws(HTTPResponseError) -> State {
        guard hasContent, !head.status.forbidsContent else { return .done }
        if let coding = head.fields[.transferEncoding] {
            guard coding.utf8.map(Grammar.lowercased).elementsEqual("chunked".utf8) else {
                throw .malformed("its transfer coding '\(coding)' is unknown")
            }
            return .framing
        }
        let lengths = Set(head.fields.values(of: .contentLength))
        guard let text = lengths.first else { return .untilEnd }
        guard lengths.count == 1, text.utf8.allSatisfy(\.isDigit), let length = Int(text) else {
            throw .malformed("its Content-Length '\(text)' is invalid")
        }
        return length == 0 ? .done : .content(length)
    }

    /// The range of the empty line that ends the held head, with the line end before it.
    private mutating func findHeadEnd() -> Range<Int>? {
        guard let start = Grammar.offset(of: Grammar.emptyLine, in: held.span, from: searched) else {
            searched = max(searched, held.count - Grammar.emptyLine.count + 1)
            return nil
        }
        return start..<start + Grammar.emptyLine.count
    }

    /// Parses a status line and the fields after it.
    private static func head(_ bytes: ArraySlice<UInt8>) throws(HTTPResponseError) -> HTTPResponseHead {
        let lineEnd = bytes.firstIndex(of: Grammar.cr) ?? bytes.endIndex
        let words = bytes[..<lineEnd].split(separator: Grammar.space, maxSplits: 2)
        guard words.count >= 2, words[0].starts(with: "HTTP/1.".utf8), words[1].count == 3,
            let status = Int(String(decoding: words[1], as: UTF8.self)).flatMap({ HTTPStatus(code: $0) })
        else { throw .malformed("its first line is not a status line") }
        guard let fields = HTTPFields(lines: bytes[lineEnd...]) else {
            throw .malformed("a line of its head is not a header")
        }
        return HTTPResponseHead(status: status, fields: fields)
    }
}

extension HTTPFields {
    /// Reads fields from the lines of a received head; nil if a line is not a field.
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

/// The reasons why an answer cannot be read.
package enum HTTPResponseError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The answer cannot be read as HTTP/1.1. The text has the reason.
    case malformed(String)
    /// The connection ended before the answer did.
    case cutOff

    /// The error as a sentence for the log.
    package var description: String {
        switch self {
        case .malformed(let problem): "the answer is not valid HTTP/1.1: \(problem)"
        case .cutOff: "the connection ended before the answer was complete"
        }
    }
}
