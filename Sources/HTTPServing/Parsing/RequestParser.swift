/// The event that the parser found next in the bytes of a connection.
package enum RequestEvent: Sendable {
    /// The parser has used all bytes that it got.
    case needsMore
    /// A message begins.
    case head(HTTPRequestHead, MessageFraming)
    /// A piece of the message's body: a range of the given bytes, never empty.
    case body(Range<Int>)
    /// The message is over. The next call begins another message.
    case end
    /// The bytes are not a request that the server accepts. Every later call returns the same failure.
    case failed(RequestFailure)
}

/// Parses bytes into requests (RFC 9112), without I/O.
///
/// Call ``next(_:at:)`` with the arrived bytes again and again until it needs more or fails. Each call moves the offset
/// past the bytes that it has used, and returns an event for them. You need not pass used bytes again.
///
/// The messages do not depend on where the bytes are cut, apart from the pieces of a body. Trailer fields are checked
/// and dropped.
package struct RequestParser: Sendable {
    /// The largest number of bytes in the body of the current message.
    ///
    /// Each head sets it to ``RequestLimits/bodyBytes``.
    package var maxBodyBytes: Int

    /// The limits of the current message.
    private var limits: RequestLimits
    /// The limits of every later message.
    private var nextLimits: RequestLimits
    private var state = State.head
    private var scanner: HeadScanner
    private var chunks = ChunkScanner()
    private var pending: [UInt8] = []
    /// The length of the body so far, by its chunks or by the Content-Length.
    private var announced = 0

    private enum State {
        case head
        /// The number of bytes that are left of a body with a known length.
        case length(Int)
        case chunkHeader
        case chunk(Int)
        case trailers
        case failed(RequestFailure)
    }

    package init(limits: RequestLimits = RequestLimits()) {
        self.limits = limits
        nextLimits = limits
        maxBodyBytes = limits.bodyBytes
        scanner = HeadScanner(.head, limits: limits)
    }

    /// Sets the limits of every message that begins from now on.
    package mutating func limit(to limits: RequestLimits) {
        nextLimits = limits
        if case .head = state, pending.isEmpty { beginMessage() }
    }

    /// True if part of a head has been read.
    ///
    /// An empty line before a head does not count. The first byte of such a line does not count either.
    package var isInHead: Bool {
        guard case .head = state, let first = pending.first else { return false }
        return scanner.hasSkippedLine ? pending.count > 2 : first != Grammar.cr
    }

    /// The number of bytes of the body that are still to come; nil if it is unknown.
    package var remainingBodyBytes: Int? {
        switch state {
        case .length(let left): left
        case .head, .failed: 0
        case .chunkHeader, .chunk, .trailers: nil
        }
    }

    /// Reads the next event in `input`, from `offset` on.
    package mutating func next(_ input: Span<UInt8>, at offset: inout Int) -> RequestEvent {
        while true {
            switch state {
            case .head: return readHead(input, at: &offset)
            case .length(0): return end()
            case .length(let left):
                guard announced <= maxBodyBytes else { return fail(.bodyTooLarge) }
                guard let range = take(left, of: input, at: &offset) else { return .needsMore }
                state = .length(left - range.count)
                return .body(range)
            case .chunk(0):
                chunks.finishData()
                state = .chunkHeader
            case .chunk(let left):
                guard let range = take(left, of: input, at: &offset) else { return .needsMore }
                state = .chunk(left - range.count)
                return .body(range)
            case .chunkHeader:
                if let event = readChunkHeader(input, at: &offset) { return event }
            case .trailers: return readTrailers(input, at: &offset)
            case .failed(let failure): return .failed(failure)
            }
        }
    }

    private func take(_ count: Int, of input: Span<UInt8>, at offset: inout Int) -> Range<Int>? {
        guard offset < input.count else { return nil }
        let range = offset..<offset + min(count, input.count - offset)
        offset = range.upperBound
        return range
    }

    private mutating func fail(_ failure: RequestFailure) -> RequestEvent {
        state = .failed(failure)
        pending = []
        return .failed(failure)
    }

    private mutating func end() -> RequestEvent {
        beginMessage()
        return .end
    }

    private mutating func beginMessage() {
        state = .head
        limits = nextLimits
        scanner = HeadScanner(.head, limits: limits)
    }
}

extension RequestParser {
    private mutating func readHead(_ input: Span<UInt8>, at offset: inout Int) -> RequestEvent {
        guard offset < input.count else { return .needsMore }
        switch scan(input, at: &offset) {
        case .needsMore: return .needsMore
        case .failed(let failure): return fail(failure)
        case .complete(let bytes):
            guard let target = scanner.target else { return fail(.malformed("the request line is missing")) }
            do throws(RequestFailure) {
                let framing = try MessageFraming(version: scanner.version, lines: scanner.lines, of: bytes.span)
                begin(framing.body)
                let fields = HTTPFields(bytes: bytes, lines: scanner.lines)
                return .head(
                    HTTPRequestHead(
                        method: scanner.method, version: scanner.version, target: target, in: bytes, fields: fields),
                    framing)
            } catch {
                return fail(error)
            }
        }
    }

    private mutating func begin(_ body: MessageFraming.Body) {
        maxBodyBytes = limits.bodyBytes
        switch body {
        case .length(let length):
            announced = length
            state = .length(length)
        case .chunked:
            announced = 0
            chunks = ChunkScanner()
            state = .chunkHeader
        }
    }

    /// - Returns: nil if the next step needs no more bytes.
    private mutating func readChunkHeader(_ input: Span<UInt8>, at offset: inout Int) -> RequestEvent? {
        switch chunks.scan(input, at: &offset) {
        case .needsMore: return .needsMore
        case .failed: return fail(.malformed("the chunked body is malformed"))
        case .chunk(0):
            scanner = HeadScanner(.trailers, limits: limits)
            state = .trailers
        case .chunk(let size):
            guard size <= maxBodyBytes, announced <= maxBodyBytes - size else { return fail(.bodyTooLarge) }
            announced += size
            state = .chunk(size)
        }
        return nil
    }

    private mutating func readTrailers(_ input: Span<UInt8>, at offset: inout Int) -> RequestEvent {
        switch scan(input, at: &offset) {
        case .needsMore: return .needsMore
        case .failed(let failure): return fail(failure)
        case .complete:
            // These fields would change how the message is read, after it was read (RFC 9110, section 6.5.1).
            let framing: [KnownField] = [.contentLength, .transferEncoding, .host, .connection, .expect]
            guard !scanner.lines.contains(where: { framing.contains($0.known) }) else {
                return fail(.malformed("a trailer has the name of a header that belongs in the head"))
            }
            return end()
        }
    }

    private enum Scan {
        case needsMore
        case complete([UInt8])
        case failed(RequestFailure)
    }

    /// Scans the section in place if `input` has all of it, otherwise in a copy of the bytes so far.
    private mutating func scan(_ input: Span<UInt8>, at offset: inout Int) -> Scan {
        let before = pending.count
        if before == 0 {
            let window = input.extracting(offset..<input.count)
            switch scanner.scan(window) {
            case .needsMore:
                pending.append(copying: window)
                offset = input.count
                return .needsMore
            case .failed(let failure): return .failed(failure)
            case .complete(let length):
                offset += length
                return .complete([UInt8](copying: window.extracting(0..<length)))
            }
        }
        // The parser never looks at more bytes than the limit and a line end.
        let taken = min(input.count - offset - 2, max(limits.headerBytes, RequestLimits.trailerBytes)) + 2
        var head: [UInt8] = []
        swap(&head, &pending)
        head.append(copying: input.extracting(offset..<offset + taken))
        switch scanner.scan(head.span) {
        case .needsMore:
            offset += taken
            pending = head
            return .needsMore
        case .failed(let failure): return .failed(failure)
        case .complete(let length):
            offset += length - before
            head.removeLast(head.count - length)
            return .complete(head)
        }
    }
}
